package dev.tutti.common.compress;

/**
 * Replaces the numbers of one tensor by others that take fewer bytes. What a worker computed
 * becomes what its code stands for in the worker itself, also where nothing travels; so the bits
 * are the same for every carrier and number of processes.
 *
 * <p>A compressor is a pure function of the numbers, the state that it is given, and its {@link
 * Scene}. A number that is not finite must leave one behind, so that the receiver hears of it.
 */
public interface Compressor {
    /**
     * What a random choice follows from, beside the tensor.
     *
     * @param seed of the run
     * @param batch counted from 0 over all epochs
     * @param shard of the virtual worker
     * @param tensor index among the model's tensors
     */
    record Scene(long seed, long batch, int shard, int tensor) {}

    /**
     * The shape of a tensor: a matrix, whatever its shape in the model.
     *
     * @param rows outputs of a layer
     * @param columns all other dimensions
     */
    record Matrix(int rows, int columns) {
        /** Returns the numbers of the tensor. */
        public int count() {
            return Math.multiplyExact(rows, columns);
        }
    }

    /** Tells whether the numbers stay what they are, and take the bytes that they always do. */
    default boolean isNeutral() {
        return false;
    }

    /**
     * Returns how many vectors a virtual worker keeps from one of its gradients to the next, all
     * zero at first.
     */
    default int states() {
        return 0;
    }

    /** Returns the most bytes that a tensor's code takes. */
    long bytesMax(Matrix matrix);

    /**
     * Writes the code of a tensor.
     *
     * @param values as many as the matrix has, and maybe more behind them; replaced by what the
     *     code stands for
     * @param state a vector for each of {@link #states}, as long as the tensor; changed in place
     */
    void encode(Scene scene, Matrix matrix, float[] values, float[][] state, CodeWriter out);

    /**
     * Reads the code of a tensor.
     *
     * @param out gets as many numbers as the matrix has
     * @throws IllegalArgumentException with one line, if no tensor of this shape has such a code
     */
    void decode(Scene scene, Matrix matrix, CodeReader in, float[] out);
}
