/**
 * Losses: one record for each, forward and backward side by side. It uses {@code plugin}, {@code
 * data}, {@code kernel} and {@code vector}.
 */
@NullMarked
package dev.tutti.common.nn.loss;

import org.jspecify.annotations.NullMarked;
