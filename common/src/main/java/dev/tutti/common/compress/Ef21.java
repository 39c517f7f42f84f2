package dev.tutti.common.compress;

/**
 * Sends how the gradient differs from what the receiver has already (Richtárik et al. 2021, "EF21:
 * A New, Simpler, Theoretically Better, and Practically Faster Error Feedback", algorithm 2): c =
 * C(g − h), h ← h + c, and the gradient becomes h. Sender and receiver keep the same h, zero at
 * first.
 *
 * @param compressor C, which keeps nothing itself
 */
public record Ef21(Compressor compressor) implements Compressor {
    /** Refuses a compressor that keeps something itself. */
    public Ef21 {
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
    public boolean sharesState() {
        return true;
    }

    @Override
    public long bytesMax(Matrix matrix) {
        return compressor.bytesMax(matrix);
    }

    @Override
    public void encode(
            Scene scene, Matrix matrix, float[] values, float[][] state, CodeWriter out) {
        for (var i = 0; i < matrix.count(); i++) {
            values[i] -= state[0][i];
        }
        compressor.encode(scene, matrix, values, NO_STATE, out);
        move(matrix.count(), state[0], values);
    }

    @Override
    public void decode(Scene scene, Matrix matrix, CodeReader in, float[][] state, float[] out) {
        compressor.decode(scene, matrix, in, NO_STATE, out);
        move(matrix.count(), state[0], out);
    }

    /** Adds the change to h, and replaces it by h. */
    private static void move(int count, float[] h, float[] change) {
        for (var i = 0; i < count; i++) {
            h[i] += change[i];
            change[i] = h[i];
        }
    }
}
