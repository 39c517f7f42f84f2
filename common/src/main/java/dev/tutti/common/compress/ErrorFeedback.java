package dev.tutti.common.compress;

/**
 * Adds to each gradient what compressing the ones before has left out, and keeps what is left out
 * this time (Seide et al. 2014; Karimireddy et al. 2019): p = g + e, c = C(p), e ← p − c. So all
 * that was computed arrives in the end.
 *
 * @param compressor C, which keeps nothing itself
 */
public record ErrorFeedback(Compressor compressor) implements Compressor {
    /** Refuses a compressor that keeps something itself. */
    public ErrorFeedback {
        if (compressor.states() > 0) {
            throw new IllegalArgumentException(
                    "needs a compressor that keeps nothing itself, and this one does");
        }
    }

    @Override
    public boolean isNeutral() {
        return compressor.isNeutral();
    }

    @Override
    public int states() {
        return 1;
    }

    @Override
    public long bytesMax(Matrix matrix) {
        return compressor.bytesMax(matrix);
    }

    @Override
    public void encode(
            Scene scene, Matrix matrix, float[] values, float[][] state, CodeWriter out) {
        var error = state[0];
        var count = matrix.count();
        for (var i = 0; i < count; i++) {
            values[i] += error[i];
            error[i] = values[i];
        }
        compressor.encode(scene, matrix, values, NO_STATE, out);
        for (var i = 0; i < count; i++) {
            error[i] -= values[i];
        }
    }

    @Override
    public void decode(Scene scene, Matrix matrix, CodeReader in, float[][] state, float[] out) {
        compressor.decode(scene, matrix, in, NO_STATE, out);
    }
}
