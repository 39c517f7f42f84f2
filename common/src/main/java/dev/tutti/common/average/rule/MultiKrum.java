package dev.tutti.common.average.rule;

import dev.tutti.common.average.mixing.Gram;
import dev.tutti.common.plugin.Bounds;
import java.util.List;
import java.util.OptionalInt;

/**
 * The mean of the {@code m} vectors that {@link Krum} ranks first (Blanchard et al. 2017, "Machine
 * Learning with Adversaries", section 4). They count the same, whatever their samples.
 *
 * @param f vectors that may be faulty
 * @param m vectors that are averaged; n − f if left out
 */
public record MultiKrum(int f, OptionalInt m) implements DistanceRule {
    /** Refuses a negative number of faulty vectors, and the mean of none. */
    public MultiKrum {
        Bounds.atLeast("f", 0, f);
        m.ifPresent(count -> Bounds.atLeast("m", 1, count));
    }

    @Override
    public long vectorsMin() {
        return Math.max(2L * f + 3, m.orElse(1));
    }

    @Override
    public double[] coefficients(Gram gram) {
        var count = gram.count();
        return mean(count, Krum.ranked(gram, f).subList(0, m.orElse(count - f)));
    }

    /** Returns the weights of the mean of some vectors. */
    static double[] mean(int count, List<Integer> of) {
        var weights = new double[count];
        of.forEach(i -> weights[i] = 1.0 / of.size());
        return weights;
    }
}
