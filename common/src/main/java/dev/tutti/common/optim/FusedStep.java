package dev.tutti.common.optim;

import dev.tutti.common.vector.FiniteCheck;
import dev.tutti.common.vector.Floats;

/**
 * What one step does to a block whose mean gradient is not worked out yet: adds its terms,
 * multiplies, looks whether the products are finite, and steps. An optimizer whose step is short
 * beside these loops may do all in one; the bits are the same.
 */
interface FusedStep extends Optimizer.BlockStep {
    /**
     * Steps along gradients that are still to be multiplied.
     *
     * @param factor what {@code gradient} is multiplied by
     * @param gradient may be used as scratch
     */
    void run(float factor, int count, float[] gradient, FiniteCheck finite, float[][] out);

    /**
     * Steps along a gradient that is still to be added up, the left term to the right one, before
     * it is multiplied.
     *
     * @param left may be used as scratch
     */
    void run(
            float factor,
            int count,
            float[] left,
            float[] right,
            FiniteCheck finite,
            float[][] out);

    /** Returns a step that does all this, in one loop or in several. */
    static FusedStep of(Optimizer.BlockStep step) {
        return step instanceof FusedStep fused ? fused : new InTurn(step);
    }

    /**
     * One loop after the other.
     *
     * @param step the last one
     */
    record InTurn(Optimizer.BlockStep step) implements FusedStep {
        @Override
        public void run(int count, float[] gradient, float[][] out) {
            step.run(count, gradient, out);
        }

        @Override
        public void run(
                float factor, int count, float[] gradient, FiniteCheck finite, float[][] out) {
            GlobalNorm.scale(factor, count, gradient);
            finite.note(count, gradient);
            step.run(count, gradient, out);
        }

        @Override
        public void run(
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
}
