package dev.tutti.common.optim;

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
    public void addGradient(int count, float[] weights, float[] gradient) {
        add((float) lambda, count, weights, gradient);
    }

    private static void add(float lambda, int count, float[] weights, float[] gradient) {
        for (var i = 0; i < count; i++) {
            gradient[i] += lambda * weights[i];
        }
    }
}
