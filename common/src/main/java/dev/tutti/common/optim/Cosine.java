package dev.tutti.common.optim;

import dev.tutti.common.plugin.Bounds;
import dev.tutti.common.plugin.Default;
import java.util.OptionalInt;

/**
 * The rate falls along half a cosine from 1 to {@code floor}, and stays there (Loshchilov and
 * Hutter 2017, equation 5, without restarts).
 *
 * @param steps steps of the fall; left out, those of the run
 * @param floor the factor at its end; with 0, a run must end before
 */
public record Cosine(OptionalInt steps, @Default("0.0") double floor) implements Schedule {
    /** Refuses arguments outside their bounds. */
    public Cosine {
        steps.ifPresent(given -> Bounds.atLeast("steps", 1, given));
        Bounds.belowOne("floor", floor);
    }

    @Override
    public Schedule over(long runSteps) {
        return steps.isPresent()
                ? this
                : new Cosine(OptionalInt.of(Math.toIntExact(Math.max(1, runSteps))), floor);
    }

    @Override
    public double factor(long step) {
        var length = steps.orElseThrow(() -> new IllegalStateException("cosine has no length yet"));
        if (step >= length) {
            return floor;
        }
        return floor + (1 - floor) * (1 + StrictMath.cos(StrictMath.PI * step / length)) / 2;
    }
}
