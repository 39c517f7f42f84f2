package dev.tutti.common.compress;

import dev.tutti.common.vector.Shape;

/**
 * Replaces the numbers of one tensor by others that take fewer bytes. What a worker computed
 * becomes what its code stands for in the worker itself, also where nothing travels; so the bits
 * are the same for every carrier and number of processes.
 *
 * <p>A compressor is a pure function of the numbers, the state that it is given, and its {@link
 * Scene}. A number that is not finite must leave one behind, so that the receiver hears of it.
 */
public interface Compressor {
    /** The vectors of a compressor that keeps none, and of a receiver that does not. */
    float[][] NO_STATE = {};

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
        /** Returns the matrix of a tensor; a vector, such as a bias, is one row. */
        public static Matrix of(Shape shape) {
            var rows = shape.rank() == 1 ? 1 : shape.extent(0);
            return new Matrix(rows, shape.size() / rows);
        }

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

    /**
     * Tells whether the receiver of a code keeps the vectors of {@link #states} too, for each
     * virtual worker. It decodes all codes of one, each once and in the order of its batches; then
     * its vectors have the bits of the sender's. If a gradient is dropped after that, both go back
     * to the vectors before it.
     */
    default boolean sharesState() {
        return false;
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
     * @param state the receiver's vectors, changed in place as {@link #encode} changes the
     *     sender's; none unless {@link #sharesState}
     * @param out gets as many numbers as the matrix has
     * @throws IllegalArgumentException with one line, if no tensor of this shape has such a code
     */
    void decode(Scene scene, Matrix matrix, CodeReader in, float[][] state, float[] out);
}
