/**
 * All that is said: between coordinator and members, and from a machine to its shell. It uses
 * {@code run} and {@code course}.
 */
@NullMarked
package dev.tutti.common.step.message;

import org.jspecify.annotations.NullMarked;
