package dev.tutti.common.step.run;

import dev.tutti.common.average.ShardRange;

/**
 * Permission to compute a node of the shard tree, given to one worker (law 3).
 *
 * @param work what for
 * @param shards a node of the tree
 * @param attempt how often the node, or one above it, was given out before
 * @param worker who may
 * @param after the batch before, whose gradient left the virtual worker with what this one needs;
 *     {@link #NEVER} if it needs nothing
 */
public record Lease(Work work, ShardRange shards, int attempt, WorkerId worker, long after) {
    /** No batch: a virtual worker that keeps nothing yet. */
    public static final long NEVER = -1;

    /** A lease that needs nothing of a batch before. */
    public Lease(Work work, ShardRange shards, int attempt, WorkerId worker) {
        this(work, shards, attempt, worker, NEVER);
    }

    @Override
    public String toString() {
        return "%s, %s, attempt %d, %s".formatted(work, shards, attempt, worker);
    }
}
