/** The brains of the coordinator and of a worker process: events in, decisions out. */
@NullMarked
package dev.tutti.common.step;

import org.jspecify.annotations.NullMarked;
