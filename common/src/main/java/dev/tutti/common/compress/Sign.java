package dev.tutti.common.compress;

/**
 * Sends the sign of each number, and the mean magnitude of the tensor for all of them (Karimireddy
 * et al. 2019, "Error Feedback Fixes SignSGD and other Gradient Compression Schemes"): (‖p‖₁ / d) ·
 * sign(p). A zero counts as positive. It is biased: use it inside {@link ErrorFeedback}.
 */
public record Sign() implements MatrixCompressor {
    @Override
    public long matrixBytesMax(Matrix matrix) {
        return Float.BYTES + SignBits.bytes(matrix.count());
    }

    @Override
    public void encodeMatrix(Scene scene, Matrix matrix, float[] values, CodeWriter out) {
        var mean = Magnitudes.mean(matrix.count(), values);
        out.number(mean);
        SignBits.write(matrix.count(), mean, -mean, values, out);
    }

    @Override
    public void decodeMatrix(Scene scene, Matrix matrix, CodeReader in, float[] out) {
        var mean = in.number();
        SignBits.read(matrix.count(), mean, -mean, in, out);
    }
}
