package dev.tutti.common.partition;

/**
 * The order of the training samples in each epoch: one batch after another, and in a batch one
 * shard after another.
 */
@FunctionalInterface
public interface EpochOrders {
    /**
     * Returns the rows of an epoch, each training sample once, as indices into the dataset. The
     * array is new.
     *
     * @param epoch from 0
     */
    int[] rows(int epoch);
}
