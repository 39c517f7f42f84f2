/** The worker process: actors that compute shards, and the client side of the stream. */
@NullMarked
package dev.tutti.worker;

import org.jspecify.annotations.NullMarked;
