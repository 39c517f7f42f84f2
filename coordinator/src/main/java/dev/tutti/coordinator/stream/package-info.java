/**
 * The members' streams as the coordinator, or a relay, serves them: gRPC and shared memory on one
 * side, events and messages on the other. It writes no file and uses no other package of this
 * module.
 */
@NullMarked
package dev.tutti.coordinator.stream;

import org.jspecify.annotations.NullMarked;
