package dev.tutti.common.average.rule;

/**
 * A rule whose average has at each coordinate what follows from the same coordinate of the vectors.
 * So it is taken chunk by chunk, as chunks arrive.
 */
public non-sealed interface CoordinateRule extends AveragingRule {
    /**
     * Writes the average of the shards' mean gradients.
     *
     * @param count coordinates at hand
     * @param vectors at least {@link #vectorsMin}, in the order of the shards, each the mean over
     *     the shard's samples; finite, unless an attack has made them so large; may be used as
     *     scratch
     * @param samples of each vector, at least 1
     * @param out gets the first {@code count} floats
     */
    void average(int count, float[][] vectors, int[] samples, float[] out);
}
