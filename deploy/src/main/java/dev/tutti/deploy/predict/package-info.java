/**
 * What a model says of samples, and how that is written: CSV, JSON lines, NumPy arrays. It uses
 * {@code model}.
 */
@NullMarked
package dev.tutti.deploy.predict;

import org.jspecify.annotations.NullMarked;
