package dev.tutti.common.average.rule;

/**
 * How the gradients of a batch's shards become the one vector that the optimizer steps along.
 *
 * <p>The unit is the shard and never the worker. So the bits of the average do not depend on which
 * worker computed a shard (law 2). A rule is a pure function: the same vectors give the same bits.
 * {@link Mean} alone counts a shard by its samples; to all other rules the shards, which differ by
 * at most one sample, are equals.
 */
public sealed interface AveragingRule permits CoordinateRule, DistanceRule, SelectingRule {
    /**
     * Tells whether the average is the sum over all samples, divided by their number. Then workers
     * and relays add shards up before they send, and the rule is not asked at all in a run.
     */
    default boolean isLinear() {
        return false;
    }

    /** Returns the fewest vectors that it can average. */
    default long vectorsMin() {
        return 1;
    }
}
