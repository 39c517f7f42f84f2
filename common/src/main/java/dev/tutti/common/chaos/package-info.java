/** Faults that a run is to stand: what they are, when they strike, and whom. */
@NullMarked
package dev.tutti.common.chaos;

import org.jspecify.annotations.NullMarked;
