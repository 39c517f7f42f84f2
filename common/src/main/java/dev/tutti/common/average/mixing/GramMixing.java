package dev.tutti.common.average.mixing;

/** Makes of each vector another one, by lengths and distances. */
public non-sealed interface GramMixing extends Mixing {
    /**
     * Returns the weights of the new vectors.
     *
     * @param gram of at least {@link #vectorsMin} vectors
     * @return a row for each vector: the weights of all vectors in the one that takes its place
     */
    double[][] rows(Gram gram);
}
