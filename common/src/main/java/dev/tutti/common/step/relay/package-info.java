/**
 * The relay's machine: a coordinator to its members and a worker to the coordinator above. It is
 * made of the parts of both.
 */
@NullMarked
package dev.tutti.common.step.relay;

import org.jspecify.annotations.NullMarked;
