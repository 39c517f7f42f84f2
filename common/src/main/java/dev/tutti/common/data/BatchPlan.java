package dev.tutti.common.data;

import dev.tutti.common.random.Seeds;
import java.util.Arrays;

/**
 * Which samples make up each step and each shard: pure functions of the plan, so that coordinator
 * and workers agree on every sample without sending one index.
 *
 * <p>An epoch walks a permutation of the training samples; a batch is a range of it, a shard a
 * range of a batch. The last batch of an epoch may be short and is used as it is.
 *
 * @param trainCount training samples
 * @param batch samples of a full batch
 * @param seed the run's seed
 * @param shuffle false to walk every epoch in the order of the file
 */
public record BatchPlan(int trainCount, int batch, long seed, boolean shuffle) {
    /** Refuses a plan without samples. */
    public BatchPlan {
        if (trainCount < 1) {
            throw new IllegalArgumentException(
                    "training samples must be at least 1, were " + trainCount);
        }
        if (batch < 1) {
            throw new IllegalArgumentException("batch must be at least 1, was " + batch);
        }
    }

    /**
     * The samples of one step.
     *
     * @param epoch from 0
     * @param index the batch's place in its epoch, from 0
     * @param from the first position in the epoch's order
     * @param to behind the last
     */
    public record Batch(int epoch, int index, int from, int to) {
        /** Returns the number of samples. */
        public int count() {
            return to - from;
        }

        /** Returns the number of samples of a shard. */
        public int shardCount(int shard, int shards) {
            return boundary(shard + 1, shards, count()) - boundary(shard, shards, count());
        }
    }

    /** Returns where a shard begins: shards of a batch differ by at most one sample. */
    public static int boundary(int shard, int shards, int count) {
        return (int) ((long) shard * count / shards);
    }

    /** Returns the steps of one epoch. */
    public int stepsPerEpoch() {
        return (trainCount - 1) / batch + 1;
    }

    /**
     * Returns the order in which an epoch walks the training samples: a permutation of 0 to {@code
     * trainCount - 1}.
     */
    public int[] order(int epoch) {
        var order = new int[trainCount];
        Arrays.setAll(order, i -> i);
        if (shuffle) {
            Seeds.of(seed, "order", epoch).shuffle(order);
        }
        return order;
    }

    /**
     * Returns the dataset's rows in an epoch's order, for {@link Dataset#gatherFeatures}.
     *
     * @param train the training rows of the split
     */
    public int[] rows(int epoch, int[] train) {
        if (train.length != trainCount) {
            throw new IllegalArgumentException(
                    "the plan is for %d training samples, the split has %d"
                            .formatted(trainCount, train.length));
        }
        var rows = order(epoch);
        Arrays.setAll(rows, i -> train[rows[i]]);
        return rows;
    }

    /** Returns the batch of a step, counted from 0 over all epochs. */
    public Batch batch(long step) {
        if (step < 0) {
            throw new IllegalArgumentException("step must be at least 0, was " + step);
        }
        var epoch = Math.toIntExact(step / stepsPerEpoch());
        var index = (int) (step % stepsPerEpoch());
        var from = index * batch;
        return new Batch(epoch, index, from, from + Math.min(batch, trainCount - from));
    }
}
