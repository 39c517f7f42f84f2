package dev.tutti.common.compress;

import dev.tutti.common.plugin.Bounds;

/**
 * Keeps the numbers whose magnitude is at least {@code tau} as they are, and makes all others zero
 * (Sahu et al. 2021, "Rethinking gradient sparsification as total error minimization"). How many
 * those are changes from step to step. It is biased: use it inside {@link ErrorFeedback}.
 *
 * @param tau has the scale of a gradient, or of a sum of them inside error feedback
 */
public record Threshold(double tau) implements MatrixCompressor {
    /** Refuses a threshold that is not finite and at least 0. */
    public Threshold {
        Bounds.notNegative("tau", tau);
    }

    @Override
    public long matrixBytesMax(Matrix matrix) {
        return SparseCode.bytesMax(matrix.count(), matrix.count());
    }

    @Override
    public void encodeMatrix(Scene scene, Matrix matrix, float[] values, CodeWriter out) {
        for (var i = 0; i < matrix.count(); i++) {
            // NaN is not below it.
            if (Math.abs(values[i]) < tau) {
                values[i] = 0;
            }
        }
        SparseCode.write(matrix.count(), values, out);
    }

    @Override
    public void decodeMatrix(Scene scene, Matrix matrix, CodeReader in, float[] out) {
        SparseCode.read(matrix.count(), in, out);
    }
}
