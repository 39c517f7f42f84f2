package dev.tutti.common.optim;

import dev.tutti.common.plugin.Bounds;

/**
 * The rate is multiplied by {@code factor} after each {@code every} steps (PyTorch's {@code
 * StepLR}).
 *
 * @param every steps between two changes
 * @param factor of one change
 */
public record Step(int every, double factor) implements Schedule {
    /** Refuses arguments outside their bounds. */
    public Step {
        Bounds.atLeast("every", 1, every);
        Bounds.positive("factor", factor);
    }

    @Override
    public double factor(long step) {
        var changes = Math.floorDiv(step, every);
        return StrictMath.pow(factor, (double) changes);
    }
}
