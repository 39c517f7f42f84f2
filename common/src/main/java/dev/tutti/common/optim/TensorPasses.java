package dev.tutti.common.optim;

import dev.tutti.common.vector.Blocks;
import dev.tutti.common.vector.Shape;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * Goes over one tensor of the flat vector, where its gradient is worked out anew each time. Owned
 * by one thread.
 */
final class TensorPasses implements TensorOptimizer.Tensor {
    /** Makes the gradient that the optimizer sees. */
    @FunctionalInterface
    interface Preparation {
        /** Leaves it in the first array of {@code in}. */
        void run(int count, GradientSum gradient, float[] weights, float[][] in);
    }

    private final Shape shape;
    private final GradientSum gradient;
    private final Preparation preparation;
    private final List<MemorySegment> slots;
    private final SteppedWeights weights;
    private boolean hasBegun;

    TensorPasses(
            Shape shape,
            GradientSum gradient,
            Preparation preparation,
            List<MemorySegment> slots,
            SteppedWeights weights) {
        this.shape = shape;
        this.gradient = gradient;
        this.preparation = preparation;
        this.slots = slots;
        this.weights = weights;
    }

    @Override
    public Shape shape() {
        return shape;
    }

    @Override
    public void forEach(Optimizer.BlockStep pass) {
        var from = hasBegun ? weights.after() : weights.before();
        hasBegun = true;
        Blocks.update(
                weights.count(),
                gradient.terms(),
                SteppedWeights.withSlots(from, slots),
                SteppedWeights.withSlots(weights.after(), slots),
                weights.sent(),
                (count, in, out) -> {
                    preparation.run(count, gradient, out[0], in);
                    pass.run(count, in[0], out);
                });
    }
}
