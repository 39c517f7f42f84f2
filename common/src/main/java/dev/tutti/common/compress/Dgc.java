package dev.tutti.common.compress;

import dev.tutti.common.plugin.Bounds;
import dev.tutti.common.plugin.Default;

/**
 * Sends the largest sums of momenta (Lin et al. 2018, "Deep Gradient Compression", algorithm 4): u
 * ← m·u + g, v ← v + u, sends the largest numbers of v, and makes u and v zero where they were
 * sent. The momentum is here, so the optimizer must have none. A tensor that travels as it is sends
 * u and keeps it, which is plain momentum.
 *
 * <p>Left out: the clipping of each worker's gradient, the ratio that falls over the first epochs,
 * and Nesterov's form. The largest numbers are exact here, and of a sample in the paper.
 *
 * @param ratio fraction of the numbers that is sent, at least one
 * @param momentum m
 */
public record Dgc(@Default("0.01") double ratio, @Default("0.9") double momentum)
        implements Compressor {
    /** Refuses a ratio outside (0, 1] and a momentum outside [0, 1). */
    public Dgc {
        TopK.requireRatio(ratio);
        Bounds.belowOne("momentum", momentum);
    }

    @Override
    public int states() {
        return 2;
    }

    @Override
    public long bytesMax(Matrix matrix) {
        return largest().bytesMax(matrix);
    }

    @Override
    public void encode(
            Scene scene, Matrix matrix, float[] values, float[][] state, CodeWriter out) {
        var u = state[0];
        var v = state[1];
        var count = matrix.count();
        add((float) momentum, count, values, u, v);
        System.arraycopy(v, 0, values, 0, count);
        largest().encode(scene, matrix, values, NO_STATE, out);
        clear(count, values, v);
        if (largest().isCompressed(matrix)) {
            clear(count, values, u);
        }
    }

    @Override
    public void decode(Scene scene, Matrix matrix, CodeReader in, float[][] state, float[] out) {
        largest().decode(scene, matrix, in, NO_STATE, out);
    }

    private TopK largest() {
        return new TopK(ratio);
    }

    private static void add(float momentum, int count, float[] gradient, float[] u, float[] v) {
        for (var i = 0; i < count; i++) {
            u[i] = momentum * u[i] + gradient[i];
            v[i] += u[i];
        }
    }

    private static void clear(int count, float[] sent, float[] out) {
        for (var i = 0; i < count; i++) {
            if (sent[i] != 0) {
                out[i] = 0;
            }
        }
    }
}
