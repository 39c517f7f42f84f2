/**
 * How far a run is: the weights, the slots, the ledger and the next work. This is what a checkpoint
 * holds. It knows no member and no message; it uses {@code run} and {@code compute}.
 */
@NullMarked
package dev.tutti.common.step.course;

import org.jspecify.annotations.NullMarked;
