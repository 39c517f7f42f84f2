package dev.tutti.common.step.run;

import dev.tutti.common.average.ShardRange;

/**
 * Permission to compute a node of the shard tree, given to one worker (law 3).
 *
 * @param work what for
 * @param shards a node of the tree
 * @param attempt how often the node, or one above it, was given out before
 * @param worker who may
 */
public record Lease(Work work, ShardRange shards, int attempt, WorkerId worker) {
    @Override
    public String toString() {
        return "%s, %s, attempt %d, %s".formatted(work, shards, attempt, worker);
    }
}
