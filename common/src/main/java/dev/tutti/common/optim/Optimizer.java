package dev.tutti.common.optim;

import dev.tutti.common.vector.Blocks;
import dev.tutti.common.vector.FiniteCheck;
import dev.tutti.common.vector.Floats;

/**
 * Turns the mean gradient into the next weights. The state between steps (slots) belongs to the
 * caller, so a checkpoint needs no code here.
 */
public interface Optimizer {
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

        /**
         * The same from gradients that are still to be multiplied, and looks whether the products
         * are finite. A step that is short beside these two loops does all in one.
         *
         * @param factor what {@code gradient} is multiplied by
         */
        default void run(
                float factor, int count, float[] gradient, FiniteCheck finite, float[][] out) {
            GlobalNorm.scale(factor, count, gradient);
            finite.note(count, gradient);
            run(count, gradient, out);
        }

        /**
         * The same from a gradient that is still to be added up, the left term to the right one,
         * before it is multiplied.
         *
         * @param left may be used as scratch
         */
        default void run(
                float factor,
                int count,
                float[] left,
                float[] right,
                FiniteCheck finite,
                float[][] out) {
            Floats.add(count, right, left);
            run(factor, count, left, finite, out);
        }
    }

    /** Returns the learning rate before any schedule. */
    double rate();

    /**
     * Returns how many vectors of state it keeps, each as long as the weights and zero at first.
     */
    int slotCount();

    /**
     * Returns what a step does, with all that is the same for every element worked out.
     *
     * @param step steps taken before this one
     * @param rate the rate of this step
     */
    BlockStep at(long step, double rate);
}
