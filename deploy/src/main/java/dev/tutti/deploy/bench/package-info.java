/**
 * The commands of {@code tutti bench}: options, rounds and tables. Their measurements lie in {@code
 * measure} and {@code peer}.
 */
@NullMarked
package dev.tutti.deploy.bench;

import org.jspecify.annotations.NullMarked;
