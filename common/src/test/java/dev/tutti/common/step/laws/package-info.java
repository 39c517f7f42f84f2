/** The laws of a run, held by simulated clusters. */
@NullMarked
package dev.tutti.common.step.laws;

import org.jspecify.annotations.NullMarked;
