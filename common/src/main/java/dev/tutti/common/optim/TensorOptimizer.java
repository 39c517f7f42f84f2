package dev.tutti.common.optim;

import dev.tutti.common.vector.Shape;

/**
 * An optimizer whose step over a parameter needs all of the parameter's gradient: its length, or
 * the matrix that it is. It waits for the whole gradient, then goes over each tensor as often as it
 * must.
 */
public non-sealed interface TensorOptimizer extends Optimizer {
    /** A parameter with its gradient and its slots, to be gone over in blocks. */
    interface Tensor {
        /** Returns the parameter's shape; a bias has one dimension. */
        Shape shape();

        /**
         * Goes over all blocks, from the first to the last. The gradient is the same each time; the
         * weights may be changed the last time only, since regularisers read them.
         */
        void forEach(BlockStep pass);
    }

    /** What one step does to a tensor. Several threads may step over different tensors. */
    @FunctionalInterface
    interface TensorStep {
        /** Steps over all of it. */
        void run(Tensor tensor);
    }

    /**
     * Returns what a step does, with all that is the same for every tensor worked out.
     *
     * @param step steps taken before this one
     * @param rate the rate of this step
     */
    TensorStep at(long step, double rate);
}
