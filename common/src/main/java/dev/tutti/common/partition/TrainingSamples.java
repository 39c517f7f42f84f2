package dev.tutti.common.partition;

import dev.tutti.common.data.BatchPlan;
import dev.tutti.common.data.Targets;
import dev.tutti.common.random.Seeds;

/**
 * What a partition divides, and into how many samples for each virtual worker.
 *
 * @param rows of the training samples, as indices into the dataset, ascending
 * @param targets of the dataset
 * @param batches how an epoch is cut into batches; it has the run's seed too
 * @param workers virtual workers: worker w computes shard w of every batch
 */
@SuppressWarnings("ArrayRecordComponent") // Indexed in a loop, never compared.
public record TrainingSamples(int[] rows, Targets targets, BatchPlan batches, int workers) {
    /** Returns the seed of the run. */
    public long seed() {
        return batches.seed();
    }

    /**
     * Returns how many samples each virtual worker computes in an epoch. They differ by at most one
     * for each batch, as the shards of a batch do.
     */
    public int[] counts() {
        var counts = new int[workers];
        for (var step = 0; step < batches.stepsPerEpoch(); step++) {
            for (var worker = 0; worker < workers; worker++) {
                counts[worker] += batches.batch(step).shardCount(worker, workers);
            }
        }
        return counts;
    }

    /** Returns the targets, which must be classes. */
    public Targets.Labels labels() {
        return switch (targets) {
            case Targets.Labels labels -> labels;
            case Targets.Values _ -> throw new IllegalStateException("the targets are no classes");
        };
    }

    /**
     * Returns the rows of each class. Those of a class are in an order drawn by seed and class, so
     * that only their class decides which worker gets them.
     */
    public int[][] rowsByClass() {
        var byClass = labels().rowsByClass(rows);
        for (var k = 0; k < byClass.length; k++) {
            Seeds.of(seed(), "partition-class", k).shuffle(byClass[k]);
        }
        return byClass;
    }

    /**
     * Returns the orders of epochs in which each worker has samples of its own.
     *
     * @param owned the rows of each worker, as many as {@link #counts} says
     */
    public EpochOrders owned(int[][] owned) {
        return new OwnOrders(owned, batches);
    }
}
