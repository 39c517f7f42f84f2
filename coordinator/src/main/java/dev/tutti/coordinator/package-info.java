/**
 * The coordinator of a run: an actor around the coordinator's machine, and what a run is started
 * with. It uses the packages below it: {@code checkpoint}, {@code record} and {@code stream}.
 */
@NullMarked
package dev.tutti.coordinator;

import org.jspecify.annotations.NullMarked;
