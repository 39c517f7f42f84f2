package dev.tutti.common.average;

import java.util.Arrays;

/** Median of each coordinate, for tests: not linear, and by coordinate. */
public record Median() implements AveragingRule {
    @Override
    public void average(int count, float[][] vectors, int[] samples, float[] out) {
        var values = new float[vectors.length];
        for (var i = 0; i < count; i++) {
            for (var shard = 0; shard < vectors.length; shard++) {
                values[shard] = vectors[shard][i];
            }
            Arrays.sort(values);
            var middle = values.length / 2;
            out[i] =
                    values.length % 2 == 1
                            ? values[middle]
                            : (float) (((double) values[middle - 1] + values[middle]) / 2);
        }
    }
}
