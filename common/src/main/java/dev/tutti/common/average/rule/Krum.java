package dev.tutti.common.average.rule;

import dev.tutti.common.average.mixing.Gram;
import dev.tutti.common.plugin.Bounds;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The one vector whose n − f − 2 nearest neighbours are nearest: the least sum of squared distances
 * to them (Blanchard et al. 2017, "Machine Learning with Adversaries", section 4). It needs n ≥ 2f
 * + 3. Of equal sums the shorter vector is taken, then the first; the paper takes the first.
 *
 * @param f vectors that may be faulty
 */
public record Krum(int f) implements DistanceRule {
    /** Refuses a negative number of faulty vectors. */
    public Krum {
        Bounds.atLeast("f", 0, f);
    }

    @Override
    public long vectorsMin() {
        return 2L * f + 3;
    }

    @Override
    public double[] coefficients(Gram gram) {
        return MultiKrum.mean(gram.count(), ranked(gram, f).subList(0, 1));
    }

    /** Returns all vectors, those with the least sums first. */
    static List<Integer> ranked(Gram gram, int f) {
        return ranked(gram, f, IntStream.range(0, gram.count()).boxed().toList());
    }

    /** Returns some vectors, those with the least sums among themselves first. */
    static List<Integer> ranked(Gram gram, int f, List<Integer> among) {
        var scores = new double[gram.count()];
        among.forEach(i -> scores[i] = score(gram, f, among, i));
        var ranked = new ArrayList<>(among);
        ranked.sort(
                Comparator.<Integer>comparingDouble(i -> scores[i])
                        .thenComparingDouble(i -> gram.product(i, i)));
        return ranked;
    }

    private static double score(Gram gram, int f, List<Integer> among, int of) {
        var distances =
                among.stream()
                        .filter(other -> other != of)
                        .mapToDouble(other -> gram.squaredDistance(of, other))
                        .toArray();
        Arrays.sort(distances);
        var neighbours = Math.min(Math.max(1, among.size() - f - 2), distances.length);
        var sum = 0.0;
        for (var i = 0; i < neighbours; i++) {
            sum += distances[i];
        }
        return sum;
    }
}
