package dev.tutti.common.average.mixing;

import dev.tutti.common.plugin.Bounds;
import java.util.Comparator;
import java.util.stream.IntStream;

/**
 * Nearest-neighbour mixing (Allouah et al. 2023, "Fixing by Mixing", algorithm 2): each of n
 * vectors becomes the mean of the n − f that are nearest to it, itself included. Of equally near
 * ones the first are taken.
 *
 * @param f vectors that may be faulty
 */
public record Nnm(int f) implements GramMixing {
    /** Refuses a negative number of faulty vectors. */
    public Nnm {
        Bounds.atLeast("f", 0, f);
    }

    @Override
    public long vectorsMin() {
        return 2L * f + 1;
    }

    @Override
    public double[][] rows(Gram gram) {
        var count = gram.count();
        var near = count - f;
        var rows = new double[count][count];
        for (var i = 0; i < count; i++) {
            var row = i;
            IntStream.range(0, count)
                    .boxed()
                    .sorted(Comparator.comparingDouble(j -> gram.squaredDistance(row, j)))
                    .limit(near)
                    .forEach(j -> rows[row][j] = 1.0 / near);
        }
        return rows;
    }
}
