package dev.tutti.common.step.course;

import dev.tutti.common.average.Chunks;
import dev.tutti.common.vector.Elements;

/**
 * Weights as they can be sent: all of them, or in a relay as far as they have come.
 *
 * @param elements the whole vector
 * @param chunks its cut
 * @param version steps behind the weights
 * @param chunksThere how many chunks, from the first on, are of this version
 */
public record PublishedWeights(Elements elements, Chunks chunks, long version, int chunksThere) {
    /** The version of weights that are not there yet. */
    public static final long NO_VERSION = -1;

    /** No weights yet. */
    public static final PublishedWeights NONE =
            new PublishedWeights(Elements.NONE, new Chunks(0, 1), NO_VERSION, 0);

    /** Returns how many chunks of a version there are, from the first on. */
    public int chunksOf(long wanted) {
        return wanted == version ? chunksThere : 0;
    }
}
