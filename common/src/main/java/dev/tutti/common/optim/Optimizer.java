package dev.tutti.common.optim;

import dev.tutti.common.vector.Blocks;

/**
 * Turns the mean gradient into the next weights. The state between steps (slots) belongs to the
 * caller, so a checkpoint needs no code here.
 */
public sealed interface Optimizer permits ElementOptimizer, TensorOptimizer {
    /** What one step does to a block of the flat vector, held in arrays ({@link Blocks}). */
    @FunctionalInterface
    interface BlockStep {
        /**
         * Steps over the first {@code count} elements; elements do not mix.
         *
         * @param gradient the mean gradient; may be used as scratch
         * @param out the weights, then each slot; changed in place
         */
        void run(int count, float[] gradient, float[][] out);
    }

    /** Returns the learning rate before any schedule. */
    double rate();

    /**
     * Returns how many vectors of state it keeps, each as long as the weights and zero at first.
     */
    int slotCount();
}
