package dev.tutti.common.compress;

/**
 * Sends for each number whether it is negative; it becomes the mean of the tensor's negative
 * numbers, or that of the others (Seide et al. 2014, "1-Bit Stochastic Gradient Descent"). The
 * paper takes the means of each column, this those of the tensor. It is biased: use it inside
 * {@link ErrorFeedback}.
 */
public record OneBit() implements MatrixCompressor {
    @Override
    public long matrixBytesMax(Matrix matrix) {
        return 2 * Float.BYTES + SignBits.bytes(matrix.count());
    }

    @Override
    public void encodeMatrix(Scene scene, Matrix matrix, float[] values, CodeWriter out) {
        var means = means(matrix.count(), values);
        out.number(means.positive);
        out.number(means.negative);
        SignBits.write(matrix.count(), means.positive, means.negative, values, out);
    }

    @Override
    public void decodeMatrix(Scene scene, Matrix matrix, CodeReader in, float[] out) {
        var positive = in.number();
        var negative = in.number();
        SignBits.read(matrix.count(), positive, negative, in, out);
    }

    /**
     * The means of a tensor's numbers.
     *
     * @param positive of those that are not negative; 0 if there are none
     * @param negative of the others; 0 if there are none
     */
    private record Means(float positive, float negative) {}

    private static Means means(int count, float[] values) {
        // Two sums of each kind, as each addition of one sum waits for the one before it.
        double positive = 0;
        double positiveOdd = 0;
        double negative = 0;
        double negativeOdd = 0;
        var negatives = 0;
        var i = 0;
        for (; i + 1 < count; i += 2) {
            var even = values[i];
            var odd = values[i + 1];
            positive += Math.max(even, 0f);
            negative += Math.min(even, 0f);
            positiveOdd += Math.max(odd, 0f);
            negativeOdd += Math.min(odd, 0f);
            negatives += SignBits.of(even) + SignBits.of(odd);
        }
        for (; i < count; i++) {
            positive += Math.max(values[i], 0f);
            negative += Math.min(values[i], 0f);
            negatives += SignBits.of(values[i]);
        }
        return new Means(
                (float) ((positive + positiveOdd) / Math.max(1, count - negatives)),
                (float) ((negative + negativeOdd) / Math.max(1, negatives)));
    }
}
