package dev.tutti.common.average.attack;

import java.util.List;

/**
 * Vectors that faulty shards send instead of their gradients. It acts at the coordinator, once all
 * shards are there, so it may use what the honest ones sent.
 */
public non-sealed interface VectorAttack extends Attack {
    /**
     * Overwrites the vectors of the faulty shards. A coordinate must follow from the same
     * coordinate of the vectors alone.
     *
     * @param honest shards, which are the first; all behind them are faulty
     * @param count coordinates at hand
     * @param vectors in the order of the shards, each the mean over the shard's samples
     */
    void strike(Scene scene, int honest, int count, float[][] vectors);

    /**
     * Returns what the attacker tries in each step, on the very average in use: the first of those
     * that move it farthest from the mean of the honest vectors is what the faulty shards send.
     */
    default List<VectorAttack> tries() {
        return List.of(this);
    }
}
