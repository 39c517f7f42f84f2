package dev.tutti.common.optim;

import dev.tutti.common.plugin.Bounds;
import dev.tutti.common.vector.Floats;
import java.lang.foreign.MemorySegment;

/**
 * The sum of magnitudes: λ Σ |θ|, with the derivative λ sign(θ), 0 at 0.
 *
 * @param lambda λ
 */
public record L1(double lambda) implements Regularizer {
    /** Refuses a λ below 0. */
    public L1 {
        Bounds.notNegative("lambda", lambda);
    }

    @Override
    public double penalty(MemorySegment weights) {
        var sum = 0.0;
        var count = Floats.count(weights);
        for (long i = 0; i < count; i++) {
            sum += Math.abs(Floats.get(weights, i));
        }
        return lambda * sum;
    }

    @Override
    public void addGradient(int count, float[] weights, float[] gradient) {
        add((float) lambda, count, weights, gradient);
    }

    private static void add(float lambda, int count, float[] weights, float[] gradient) {
        for (var i = 0; i < count; i++) {
            gradient[i] += lambda * Math.signum(weights[i]);
        }
    }
}
