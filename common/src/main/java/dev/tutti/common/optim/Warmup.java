package dev.tutti.common.optim;

import dev.tutti.common.plugin.Bounds;
import dev.tutti.common.plugin.Default;

/**
 * The rate rises evenly over the first steps, then another schedule starts (Goyal et al. 2017,
 * section 2.2).
 *
 * @param steps steps of the rise; the last of them has the full rate
 * @param then the schedule behind it
 */
public record Warmup(int steps, @Default("constant") Schedule then) implements Schedule {
    /** Refuses a rise of no steps. */
    public Warmup {
        Bounds.atLeast("steps", 1, steps);
    }

    @Override
    public Schedule over(long runSteps) {
        return new Warmup(steps, then.over(runSteps - steps));
    }

    @Override
    public double factor(long step) {
        if (step >= steps) {
            return then.factor(step - steps);
        }
        return then.factor(0) * (step + 1) / steps;
    }
}
