package dev.tutti.common.average.observe;

/**
 * The mean gradients of a step's shards, as an averaging rule gets them, to be read from any place
 * on; several threads may read at the same time.
 */
public interface ShardVectors {
    /** Returns the floats of a vector. */
    long length();

    /**
     * Reads as many coordinates as {@code count}, from {@code from} on.
     *
     * @param out gets those of each shard
     */
    void read(long from, int count, float[][] out);
}
