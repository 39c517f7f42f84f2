package dev.tutti.common.compress;

/** Leaves the numbers as they are: what a run sends that compresses nothing. */
public record Fp32() implements Compressor {
    @Override
    public boolean isNeutral() {
        return true;
    }

    @Override
    public long bytesMax(Matrix matrix) {
        return (long) Float.BYTES * matrix.count();
    }

    @Override
    public void encode(
            Scene scene, Matrix matrix, float[] values, float[][] state, CodeWriter out) {
        for (var i = 0; i < matrix.count(); i++) {
            out.number(values[i]);
        }
    }

    @Override
    public void decode(Scene scene, Matrix matrix, CodeReader in, float[] out) {
        for (var i = 0; i < matrix.count(); i++) {
            out[i] = in.number();
        }
    }
}
