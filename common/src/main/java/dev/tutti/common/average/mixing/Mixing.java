package dev.tutti.common.average.mixing;

/**
 * What is done to the shards' vectors before an averaging rule sees them: each new vector is a
 * weighted sum of the old ones. It is a pure function, so the same vectors give the same bits; only
 * {@link WorkerMomentum} has a state, which is kept elsewhere.
 */
public sealed interface Mixing permits GramMixing, RandomMixing, WorkerMomentum {
    /** Tells whether it changes no vector. Then the run is as if it were not there, to the bit. */
    default boolean isNeutral() {
        return false;
    }

    /** Returns the fewest vectors that it can work on. */
    default long vectorsMin() {
        return 1;
    }

    /** Returns how many vectors it makes of so many. */
    default int count(int vectors) {
        return vectors;
    }
}
