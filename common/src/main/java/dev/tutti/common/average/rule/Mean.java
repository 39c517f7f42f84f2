package dev.tutti.common.average.rule;

/** The mean over all samples: every sample counts the same, in every shard (law 1). */
public record Mean() implements CoordinateRule {
    @Override
    public boolean isLinear() {
        return true;
    }

    @Override
    public void average(int count, float[][] vectors, int[] samples, float[] out) {
        var sum = new double[count];
        long divisor = 0;
        for (var shard = 0; shard < vectors.length; shard++) {
            for (var i = 0; i < count; i++) {
                sum[i] += (double) samples[shard] * vectors[shard][i];
            }
            divisor += samples[shard];
        }
        for (var i = 0; i < count; i++) {
            out[i] = (float) (sum[i] / divisor);
        }
    }
}
