package dev.tutti.common.average.rule;

import java.util.Arrays;

/**
 * Median of each coordinate (Yin et al. 2018, "Byzantine-Robust Distributed Learning", definition
 * 1). Of an even number of values it is the mean of the two in the middle, as in NumPy; PyTorch
 * takes the lower one, which would be biased.
 */
public record Median() implements CoordinateRule {
    @Override
    public void average(int count, float[][] vectors, int[] samples, float[] out) {
        var values = new float[vectors.length];
        for (var i = 0; i < count; i++) {
            sort(vectors, i, values);
            out[i] = (float) of(values);
        }
    }

    /** Returns the median of sorted values. */
    static double of(float[] values) {
        var high = values.length / 2;
        return values.length % 2 == 1
                ? values[high]
                : ((double) values[high - 1] + values[high]) / 2;
    }

    /** Writes the values of the vectors at a coordinate, in ascending order. */
    static void sort(float[][] vectors, int coordinate, float[] out) {
        for (var i = 0; i < out.length; i++) {
            out[i] = vectors[i][coordinate];
        }
        Arrays.sort(out);
    }
}
