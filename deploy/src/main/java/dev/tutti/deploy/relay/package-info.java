/**
 * A relay: a coordinator to its members and a worker to the coordinator above. It is made of the
 * streams of both, which meet nowhere else.
 */
@NullMarked
package dev.tutti.deploy.relay;

import org.jspecify.annotations.NullMarked;
