package dev.tutti.common.average.attack;

import java.util.Optional;

/**
 * What faulty shards send instead of their gradients. It acts at the coordinator, once all shards
 * are there, so it may use what the honest ones sent. It is a pure function, so the same vectors
 * give the same bits.
 */
public interface Attack {
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

    /**
     * Overwrites the vectors of the faulty shards. A coordinate must follow from the same
     * coordinate of the vectors alone.
     *
     * @param honest shards, which are the first; all behind them are faulty
     * @param count coordinates at hand
     * @param vectors in the order of the shards, each the mean over the shard's samples
     */
    void strike(Scene scene, int honest, int count, float[][] vectors);
}
