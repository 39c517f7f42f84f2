package dev.tutti.common.partition;

import dev.tutti.common.data.BatchPlan;
import dev.tutti.common.random.Seeds;
import java.util.Arrays;

/**
 * Each virtual worker walks samples of its own, in an order drawn for each epoch; its shard of a
 * batch is the next part of this walk.
 *
 * @param owned rows of each worker, ascending
 * @param batches how an epoch is cut into batches
 */
@SuppressWarnings("ArrayRecordComponent") // Indexed in a loop, never compared.
record OwnOrders(int[][] owned, BatchPlan batches) implements EpochOrders {
    /** Sorts the rows: a partition decides which samples a worker has, not their order. */
    OwnOrders {
        owned = Arrays.stream(owned).map(int[]::clone).toArray(int[][]::new);
        for (var rows : owned) {
            Arrays.sort(rows);
        }
    }

    @Override
    public int[] rows(int epoch) {
        var walks = new int[owned.length][];
        Arrays.setAll(walks, worker -> walk(epoch, worker));
        var begun = new int[owned.length];
        var rows = new int[batches.trainCount()];
        var at = 0;
        for (var step = 0; step < batches.stepsPerEpoch(); step++) {
            var batch = batches.batch(step);
            for (var worker = 0; worker < owned.length; worker++) {
                var count = batch.shardCount(worker, owned.length);
                System.arraycopy(walks[worker], begun[worker], rows, at, count);
                begun[worker] += count;
                at += count;
            }
        }
        return rows;
    }

    private int[] walk(int epoch, int worker) {
        var walk = owned[worker].clone();
        if (batches.shuffle()) {
            Seeds.of(batches.seed(), "own-order", epoch, worker).shuffle(walk);
        }
        return walk;
    }
}
