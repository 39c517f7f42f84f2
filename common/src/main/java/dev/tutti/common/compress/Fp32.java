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
        out.numbers(matrix.count(), values);
    }

    @Override
    public void decode(Scene scene, Matrix matrix, CodeReader in, float[][] state, float[] out) {
        in.numbers(matrix.count(), out);
    }
}
