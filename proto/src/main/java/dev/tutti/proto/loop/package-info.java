/** Threads that wait actively for a moment, so that a message between actors costs microseconds. */
@NullMarked
package dev.tutti.proto.loop;

import org.jspecify.annotations.NullMarked;
