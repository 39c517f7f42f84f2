package dev.tutti.common.optim;

import dev.tutti.common.plugin.Bounds;
import dev.tutti.common.plugin.Default;

/**
 * Adam as PyTorch's {@code Adam} defines it (Kingma and Ba 2015): weight decay is added to the
 * gradient.
 *
 * @param rate η, before any schedule
 * @param beta1 decay of the running mean of the gradient
 * @param beta2 decay of the running mean of its square
 * @param epsilon keeps the divisor from zero
 * @param weightDecay λ, added to the gradient as λθ
 */
public record Adam(
        @Default("0.001") double rate,
        @Default("0.9") double beta1,
        @Default("0.999") double beta2,
        @Default("1.0E-8") double epsilon,
        @Default("0.0") double weightDecay)
        implements ElementOptimizer {
    /** Refuses arguments outside their bounds. */
    public Adam {
        Bounds.positive("rate", rate);
        Bounds.belowOne("beta1", beta1);
        Bounds.belowOne("beta2", beta2);
        Bounds.positive("epsilon", epsilon);
        Bounds.notNegative("weight-decay", weightDecay);
    }

    @Override
    public int slotCount() {
        return Moments.SLOTS;
    }

    @Override
    public BlockStep at(long step, double rate) {
        return new Moments(beta1, beta2, epsilon).at(step, rate, weightDecay, 1);
    }
}
