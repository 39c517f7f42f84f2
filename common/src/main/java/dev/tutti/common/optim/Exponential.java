package dev.tutti.common.optim;

import dev.tutti.common.plugin.Bounds;

/**
 * The rate is multiplied by {@code factor} after each step (PyTorch's {@code ExponentialLR}).
 *
 * @param factor of one step
 */
public record Exponential(double factor) implements Schedule {
    /** Refuses a factor that is not above 0. */
    public Exponential {
        Bounds.positive("factor", factor);
    }

    @Override
    public double factor(long step) {
        return StrictMath.pow(factor, (double) step);
    }
}
