package dev.tutti.common.average.rule;

import dev.tutti.common.average.mixing.Gram;

/**
 * A rule whose average is a weighted sum of the vectors, by their lengths and distances. It waits
 * for all vectors, which costs memory for as many as there are shards.
 */
public non-sealed interface DistanceRule extends AveragingRule {
    /**
     * Tells whether each layer is averaged by itself; if not, it is the whole gradient.
     *
     * @see #coefficients
     */
    default boolean isByLayer() {
        return false;
    }

    /**
     * Returns the weight of each vector in the average.
     *
     * @param gram of at least {@link #vectorsMin} vectors, in the order of the shards
     */
    double[] coefficients(Gram gram);

    /** Tells whether it begins with the average of the step before, where there is one. */
    default boolean keepsAverage() {
        return false;
    }

    /**
     * Returns the weight of each vector in the average, and of the average of the step before.
     *
     * @param gram of the vectors, and as the last of that average
     * @throws UnsupportedOperationException if it {@linkplain #keepsAverage keeps none}
     */
    default double[] coefficientsFromLast(Gram gram) {
        throw new UnsupportedOperationException(this + " keeps no average");
    }
}
