/**
 * What a run writes for people and programs: its folder, the log of steps, the summary and the
 * model. It uses {@code stream} for the traffic that it counts.
 */
@NullMarked
package dev.tutti.coordinator.record;

import org.jspecify.annotations.NullMarked;
