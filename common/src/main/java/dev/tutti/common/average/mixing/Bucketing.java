package dev.tutti.common.average.mixing;

import dev.tutti.common.plugin.Bounds;
import dev.tutti.common.plugin.Default;
import dev.tutti.common.random.Seeds;
import java.util.Arrays;

/**
 * Puts the vectors into random groups of {@code s} and takes the mean of each (Karimireddy et al.
 * 2022, "Byzantine-Robust Learning on Heterogeneous Datasets via Bucketing", algorithm 1): the
 * groups differ less than the vectors did. The last group may be smaller; it is divided by its own
 * size. The order is drawn anew for each step. A shard counts with its samples, so the mean of all
 * stays the mean.
 *
 * @param s vectors of a group; with 1 no vector is changed
 */
public record Bucketing(@Default("2") int s) implements RandomMixing {
    /** Refuses empty groups. */
    public Bucketing {
        Bounds.atLeast("s", 1, s);
    }

    @Override
    public boolean isNeutral() {
        return s == 1;
    }

    @Override
    public int count(int vectors) {
        return (vectors - 1) / s + 1;
    }

    @Override
    public int[][] groups(int count, Seeds random) {
        var order = new int[count];
        Arrays.setAll(order, i -> i);
        random.shuffle(order);
        var groups = new int[count(count)][];
        for (var group = 0; group < groups.length; group++) {
            groups[group] =
                    Arrays.copyOfRange(order, group * s, (int) Math.min((group + 1L) * s, count));
        }
        return groups;
    }
}
