package dev.tutti.common.optim;

import dev.tutti.common.plugin.Bounds;
import dev.tutti.common.plugin.Default;

/**
 * The rate falls along half a cosine from 1 to {@code floor}, and stays there (Loshchilov and
 * Hutter 2017, equation 5, without restarts).
 *
 * @param steps steps of the fall
 * @param floor the factor at its end; with 0, a run must end before
 */
public record Cosine(int steps, @Default("0.0") double floor) implements Schedule {
    /** Refuses arguments outside their bounds. */
    public Cosine {
        Bounds.atLeast("steps", 1, steps);
        Bounds.belowOne("floor", floor);
    }

    @Override
    public double factor(long step) {
        if (step >= steps) {
            return floor;
        }
        return floor + (1 - floor) * (1 + StrictMath.cos(StrictMath.PI * step / steps)) / 2;
    }
}
