package dev.tutti.common.average.rule;

import dev.tutti.common.average.mixing.Gram;

/** A rule that first selects some vectors by their distances, then averages those by coordinate. */
public non-sealed interface SelectingRule extends AveragingRule {
    /**
     * Returns which vectors are averaged, in ascending order.
     *
     * @param gram of at least {@link #vectorsMin} vectors, in the order of the shards
     */
    int[] selected(Gram gram);

    /** Returns how those that were selected are averaged. */
    CoordinateRule over();
}
