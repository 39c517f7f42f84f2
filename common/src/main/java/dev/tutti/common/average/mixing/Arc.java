package dev.tutti.common.average.mixing;

import dev.tutti.common.plugin.Bounds;
import java.util.Arrays;

/**
 * Adaptive robust clipping (Allouah et al. 2025, "Adaptive Gradient Clipping for Robust Federated
 * Learning", algorithm 2): of n vectors scales the ⌊2f/n · (n − f)⌋ longest down to the length of
 * the next one. No length is to be chosen.
 *
 * @param f vectors that may be faulty; with 0 no vector is changed
 */
public record Arc(int f) implements GramMixing {
    /** Refuses a negative number of faulty vectors. */
    public Arc {
        Bounds.atLeast("f", 0, f);
    }

    @Override
    public boolean isNeutral() {
        return f == 0;
    }

    @Override
    public long vectorsMin() {
        return 2L * f + 1;
    }

    @Override
    public double[][] rows(Gram gram) {
        var count = gram.count();
        var lengths = new double[count];
        Arrays.setAll(lengths, gram::norm);
        Arrays.sort(lengths);
        // With n > 2f fewer than n vectors are clipped.
        var clipped = (int) (2L * f * (count - f) / count);
        return Clip.rows(gram, lengths[count - 1 - clipped]);
    }
}
