package dev.tutti.common.optim;

import dev.tutti.common.plugin.Bounds;
import dev.tutti.common.plugin.Default;

/**
 * Adagrad as PyTorch's {@code Adagrad} defines it (Duchi et al. 2011, figure 1): the gradient is
 * divided by the root of the sum of all its squares. The slot is that sum without the initial
 * accumulator, since slots are zero at first.
 *
 * @param rate η, before any schedule
 * @param rateDecay η falls as η / (1 + step · decay)
 * @param weightDecay λ, added to the gradient as λθ
 * @param initialAccumulator what the sum begins with
 * @param epsilon keeps the divisor from zero; outside the square root
 */
public record Adagrad(
        @Default("0.01") double rate,
        @Default("0.0") double rateDecay,
        @Default("0.0") double weightDecay,
        @Default("0.0") double initialAccumulator,
        @Default("1.0E-10") double epsilon)
        implements ElementOptimizer {
    /** Refuses arguments outside their bounds. */
    public Adagrad {
        Bounds.positive("rate", rate);
        Bounds.notNegative("rate-decay", rateDecay);
        Bounds.notNegative("weight-decay", weightDecay);
        Bounds.notNegative("initial-accumulator", initialAccumulator);
        Bounds.positive("epsilon", epsilon);
    }

    @Override
    public int slotCount() {
        return 1;
    }

    @Override
    public BlockStep at(long step, double rate) {
        var pace = (float) (rate / (1 + step * rateDecay));
        return (count, gradient, out) -> {
            Moments.addScaled((float) weightDecay, count, out[0], gradient);
            step(
                    pace,
                    (float) initialAccumulator,
                    (float) epsilon,
                    count,
                    gradient,
                    out[0],
                    out[1]);
        };
    }

    private static void step(
            float rate,
            float initial,
            float epsilon,
            int count,
            float[] gradient,
            float[] weights,
            float[] sum) {
        for (var i = 0; i < count; i++) {
            var g = gradient[i];
            var squares = sum[i] + g * g;
            sum[i] = squares;
            weights[i] -= rate * (g / ((float) Math.sqrt(initial + squares) + epsilon));
        }
    }
}
