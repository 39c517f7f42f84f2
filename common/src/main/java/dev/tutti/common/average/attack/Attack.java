package dev.tutti.common.average.attack;

import java.util.Optional;

/**
 * What faulty shards do instead of their part. It is a pure function, so the same vectors give the
 * same bits; only {@link Stale} has a state, which is kept elsewhere.
 */
public sealed interface Attack permits VectorAttack, GramAttack, LabelAttack, Stale {
    /**
     * Where and when vectors are attacked.
     *
     * @param seed of the run
     * @param step counted from 0
     * @param from index into the flat vector of the first coordinate at hand
     */
    record Scene(long seed, long step, long from) {}

    /** Returns why so many honest shards will not do, in one line; empty if they will. */
    default Optional<String> refusal(int honest) {
        return Optional.empty();
    }
}
