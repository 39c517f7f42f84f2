package dev.tutti.common.average.attack;

import dev.tutti.common.average.mixing.Gram;

/** An attack whose strength follows from lengths and distances of all vectors of the step. */
public non-sealed interface GramAttack extends Attack {
    /** Returns the attack whose vectors are to be among those of {@link #of}. */
    VectorAttack trial();

    /**
     * Returns what the faulty shards send.
     *
     * @param gram of the vectors under the {@link #trial}
     * @param honest how many are, the first ones
     */
    VectorAttack of(Gram gram, int honest);
}
