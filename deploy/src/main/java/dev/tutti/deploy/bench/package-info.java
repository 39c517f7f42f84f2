/**
 * The commands of {@code tutti bench}: options, rounds and tables. Their measurements lie in {@code
 * measure}, {@code peer} and {@code scale}.
 */
@NullMarked
package dev.tutti.deploy.bench;

import org.jspecify.annotations.NullMarked;
