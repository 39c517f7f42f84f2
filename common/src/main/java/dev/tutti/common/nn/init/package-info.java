/**
 * How a parameter starts: the declaration of a parameter, and one record for each initializer. It
 * uses {@code plugin}, {@code random} and {@code vector}.
 */
@NullMarked
package dev.tutti.common.nn.init;

import org.jspecify.annotations.NullMarked;
