package dev.tutti.common.average.rule;

import dev.tutti.common.average.mixing.Gram;
import dev.tutti.common.plugin.Bounds;
import java.util.ArrayList;
import java.util.stream.IntStream;

/**
 * Selects θ = n − 2f vectors, one after another: always the one that {@link Krum} takes among those
 * that are left. Then, of each coordinate, the mean of the θ − 2f values nearest to the median (El
 * Mhamdi et al. 2018, "The Hidden Vulnerability of Distributed Learning in Byzantium", section 4).
 * It needs n ≥ 4f + 3, and time of n³. While few vectors are left, Krum looks at one neighbour at
 * least.
 *
 * @param f vectors that may be faulty
 */
public record Bulyan(int f) implements SelectingRule {
    /** Refuses a negative number of faulty vectors. */
    public Bulyan {
        Bounds.atLeast("f", 0, f);
    }

    @Override
    public long vectorsMin() {
        return 4L * f + 3;
    }

    @Override
    public int[] selected(Gram gram) {
        var left = new ArrayList<>(IntStream.range(0, gram.count()).boxed().toList());
        var selected = new ArrayList<Integer>();
        while (selected.size() < gram.count() - 2 * f) {
            var next = Krum.ranked(gram, f, left).getFirst();
            left.removeIf(next::equals);
            selected.add(next);
        }
        return selected.stream().mapToInt(Integer::intValue).sorted().toArray();
    }

    @Override
    public CoordinateRule over() {
        return (count, vectors, _, out) -> {
            var values = new float[vectors.length];
            for (var i = 0; i < count; i++) {
                Median.sort(vectors, i, values);
                out[i] = (float) nearMedian(values);
            }
        };
    }

    /**
     * Returns the mean of sorted values without the 2f that are farthest from their median. Of two
     * that are equally far the higher is left out.
     */
    private double nearMedian(float[] values) {
        var median = Median.of(values);
        var from = 0;
        var to = values.length;
        while (to - from > values.length - 2 * f) {
            if (median - values[from] > values[to - 1] - median) {
                from++;
            } else {
                to--;
            }
        }
        return TrimmedMean.mean(values, from, to);
    }
}
