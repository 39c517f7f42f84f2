package dev.tutti.common.average.mixing;

import dev.tutti.common.random.Seeds;

/** Makes fewer vectors, each the mean of a group that is drawn at random. */
public non-sealed interface RandomMixing extends Mixing {
    /**
     * Draws the groups.
     *
     * @param count vectors
     * @param random drawn anew for each step, from the run's seed
     * @return {@link #count} groups, each vector in one of them
     */
    int[][] groups(int count, Seeds random);
}
