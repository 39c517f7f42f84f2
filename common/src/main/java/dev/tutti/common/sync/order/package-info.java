/**
 * Orders: which tasks make up a step, and in which order gradients come. They follow from a clock,
 * which is a model of the virtual workers' times, or from what has happened.
 */
@NullMarked
package dev.tutti.common.sync.order;

import org.jspecify.annotations.NullMarked;
