/**
 * Checkpoints: when one is written, where it lies, which one a run goes on from, and what happens
 * if the disk fails. It uses {@code record}.
 */
@NullMarked
package dev.tutti.coordinator.checkpoint;

import org.jspecify.annotations.NullMarked;
