package dev.tutti.common.compress;

/**
 * Compresses matrices. Vectors and small tensors travel as they are: they are a small part of a
 * model, and often need all their precision. This is the one place that says which tensors these
 * are.
 */
interface MatrixCompressor extends Compressor {
    /** Numbers below which a tensor is small. */
    int COUNT_MIN = 64;

    /** Tells whether a tensor is compressed; a bias and the scale of a norm have one row. */
    default boolean isCompressed(Matrix matrix) {
        return matrix.rows() > 1 && matrix.count() >= COUNT_MIN;
    }

    /** As {@link #bytesMax}, for a tensor that is compressed. */
    long matrixBytesMax(Matrix matrix);

    /** As {@link #encode}, for a tensor that is compressed. */
    void encodeMatrix(Scene scene, Matrix matrix, float[] values, CodeWriter out);

    /** As {@link #decode}, for a tensor that is compressed. */
    void decodeMatrix(Scene scene, Matrix matrix, CodeReader in, float[] out);

    @Override
    default long bytesMax(Matrix matrix) {
        return isCompressed(matrix) ? matrixBytesMax(matrix) : (long) Float.BYTES * matrix.count();
    }

    @Override
    default void encode(
            Scene scene, Matrix matrix, float[] values, float[][] state, CodeWriter out) {
        if (isCompressed(matrix)) {
            encodeMatrix(scene, matrix, values, out);
        } else {
            out.numbers(matrix.count(), values);
        }
    }

    @Override
    default void decode(Scene scene, Matrix matrix, CodeReader in, float[][] state, float[] out) {
        if (isCompressed(matrix)) {
            decodeMatrix(scene, matrix, in, out);
        } else {
            in.numbers(matrix.count(), out);
        }
    }
}
