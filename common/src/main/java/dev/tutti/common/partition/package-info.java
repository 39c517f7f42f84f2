/**
 * Which training samples each virtual worker draws from. Virtual worker s computes shard s of every
 * batch; a partition says how the samples of an epoch are ordered, so that each shard has samples
 * of its worker. A pure function of the data's labels, the run's seed and its numbers of samples
 * and shards: no list of samples is ever sent. It uses {@code plugin}, {@code random} and {@code
 * data}.
 */
@NullMarked
package dev.tutti.common.partition;

import org.jspecify.annotations.NullMarked;
