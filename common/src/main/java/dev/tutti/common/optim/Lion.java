package dev.tutti.common.optim;

import dev.tutti.common.plugin.Bounds;
import dev.tutti.common.plugin.Default;

/**
 * Lion (Chen et al. 2023, "Symbolic Discovery of Optimization Algorithms", algorithm 2): a step of
 * the same length at each element, in the direction of a mean of momentum and gradient; weight
 * decay beside it. Its rate is three to ten times smaller than AdamW's, its decay as much larger.
 *
 * @param rate η, before any schedule
 * @param beta1 share of the momentum in the direction
 * @param beta2 decay of the momentum
 * @param weightDecay λ, taken from θ beside the direction
 */
public record Lion(
        @Default("1.0E-4") double rate,
        @Default("0.9") double beta1,
        @Default("0.99") double beta2,
        @Default("0.0") double weightDecay)
        implements ElementOptimizer {
    /** Refuses arguments outside their bounds. */
    public Lion {
        Bounds.positive("rate", rate);
        Bounds.belowOne("beta1", beta1);
        Bounds.belowOne("beta2", beta2);
        Bounds.notNegative("weight-decay", weightDecay);
    }

    @Override
    public int slotCount() {
        return 1;
    }

    @Override
    public BlockStep at(long step, double rate) {
        var kept = (float) (1 - rate * weightDecay);
        return (count, gradient, out) -> {
            move((float) rate, kept, (float) beta1, count, gradient, out[1], out[0]);
            Moments.mean((float) (1 - beta2), count, gradient, out[1]);
        };
    }

    private static void move(
            float rate,
            float kept,
            float beta1,
            int count,
            float[] gradient,
            float[] momentum,
            float[] out) {
        for (var i = 0; i < count; i++) {
            var direction = beta1 * momentum[i] + (1 - beta1) * gradient[i];
            out[i] = kept * out[i] - rate * Math.signum(direction);
        }
    }
}
