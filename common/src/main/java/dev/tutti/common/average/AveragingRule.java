package dev.tutti.common.average;

/**
 * How the gradients of a batch's shards become the one vector that the optimizer steps along.
 *
 * <p>The unit is the shard and never the worker. So the bits of the average do not depend on which
 * worker computed a shard (law 2). A rule is a pure function: the same vectors give the same bits.
 */
public interface AveragingRule {
    /**
     * Tells whether the average is the sum over all samples, divided by their number. Then workers
     * and relays add shards up before they send, along the {@link ShardTree}, and {@link #average}
     * is not called in a run.
     */
    default boolean isLinear() {
        return false;
    }

    /**
     * Tells whether a coordinate of the average follows from the same coordinate of the vectors
     * alone. Then the average is taken chunk by chunk, as chunks arrive; a rule that compares whole
     * vectors waits for all of them, which costs memory for as many vectors as there are shards.
     */
    default boolean isByCoordinate() {
        return true;
    }

    /**
     * Writes the average of the shards' mean gradients.
     *
     * @param count floats of each vector: of all vectors some coordinates, or the whole vectors if
     *     the rule is not {@link #isByCoordinate by coordinate}
     * @param vectors at least one, in the order of the shards, each the mean over the shard's
     *     samples; may be used as scratch
     * @param samples of each shard, at least 1; shards without samples are left out
     * @param out gets the first {@code count} floats
     */
    void average(int count, float[][] vectors, int[] samples, float[] out);
}
