/**
 * What a run is: its options, the samples of each step and shard, its works, and the names of its
 * processes and workers. It uses no other package of {@code step}.
 */
@NullMarked
package dev.tutti.common.step.run;

import org.jspecify.annotations.NullMarked;
