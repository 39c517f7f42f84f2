package dev.tutti.common.average.rule;

import dev.tutti.common.plugin.Bounds;

/**
 * Mean of each coordinate without its {@code f} lowest and {@code f} highest values (Yin et al.
 * 2018, "Byzantine-Robust Distributed Learning", definition 2). The values that are left are added
 * from the lowest to the highest, in doubles.
 *
 * @param f values left out on each side; with 0 it is the {@link Mean}, to the bit
 */
public record TrimmedMean(int f) implements CoordinateRule {
    /** Refuses a negative number of values. */
    public TrimmedMean {
        Bounds.atLeast("f", 0, f);
    }

    @Override
    public boolean isLinear() {
        return f == 0;
    }

    @Override
    public long vectorsMin() {
        return 2L * f + 1;
    }

    @Override
    public void average(int count, float[][] vectors, int[] samples, float[] out) {
        if (isLinear()) {
            new Mean().average(count, vectors, samples, out);
            return;
        }
        var values = new float[vectors.length];
        for (var i = 0; i < count; i++) {
            Median.sort(vectors, i, values);
            out[i] = (float) mean(values, f, vectors.length - f);
        }
    }

    /** Returns the mean of some values, added in their order. */
    static double mean(float[] values, int from, int to) {
        var sum = 0.0;
        for (var rank = from; rank < to; rank++) {
            sum += values[rank];
        }
        return sum / (to - from);
    }
}
