package dev.tutti.common.step.course;

import dev.tutti.common.average.Chunks;
import dev.tutti.common.vector.Elements;
import java.util.Optional;

/**
 * Weights as they can be sent: all of them, or in a relay as far as they have come.
 *
 * @param elements the whole vector
 * @param chunks its cut
 * @param version steps behind the weights
 * @param chunksThere how many chunks, from the first on, are of this version
 * @param change the code of what has changed since the version before, if who has that may get it
 *     in place of the weights
 */
public record PublishedWeights(
        Elements elements, Chunks chunks, long version, int chunksThere, Optional<byte[]> change) {
    /** The version of weights that are not there yet. */
    public static final long NO_VERSION = -1;

    /** No weights yet. */
    public static final PublishedWeights NONE =
            new PublishedWeights(Elements.NONE, new Chunks(0, 1), NO_VERSION, 0);

    /** Makes weights that travel whole. */
    public PublishedWeights(Elements elements, Chunks chunks, long version, int chunksThere) {
        this(elements, chunks, version, chunksThere, Optional.empty());
    }

    /**
     * Returns the code that leads to a version, if they are of this version, and a member that has
     * another one can use it.
     */
    public Optional<byte[]> changeFor(long wanted, long had) {
        return wanted == version && had == version - 1 ? change : Optional.empty();
    }

    /** Returns how many chunks of a version there are, from the first on. */
    public int chunksOf(long wanted) {
        return wanted == version ? chunksThere : 0;
    }
}
