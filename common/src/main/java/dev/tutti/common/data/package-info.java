/** Samples, and which of them make up a batch and a shard. */
@NullMarked
package dev.tutti.common.data;

import org.jspecify.annotations.NullMarked;
