/** The coordinator: an actor and a gRPC service around the step machine, and what a run writes. */
@NullMarked
package dev.tutti.coordinator;

import org.jspecify.annotations.NullMarked;
