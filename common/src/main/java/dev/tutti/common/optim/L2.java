package dev.tutti.common.optim;

import dev.tutti.common.kernel.Floats;
import dev.tutti.common.plugin.Bounds;
import java.lang.foreign.MemorySegment;

/**
 * Half the squared length: ½λ Σ θ², whose derivative λθ is PyTorch's weight decay.
 *
 * @param lambda λ
 */
public record L2(double lambda) implements Regularizer {
    /** Refuses a λ below 0. */
    public L2 {
        Bounds.notNegative("lambda", lambda);
    }

    @Override
    public double penalty(MemorySegment weights) {
        return lambda / 2 * GlobalNorm.sumOfSquares(weights);
    }

    @Override
    public void addGradient(MemorySegment weights, MemorySegment gradient) {
        add((float) lambda, weights, gradient);
    }

    private static void add(float lambda, MemorySegment weights, MemorySegment gradient) {
        var count = Floats.count(gradient);
        for (long i = 0; i < count; i++) {
            Floats.set(gradient, i, Floats.get(gradient, i) + lambda * Floats.get(weights, i));
        }
    }
}
