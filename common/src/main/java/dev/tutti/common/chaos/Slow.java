package dev.tutti.common.chaos;

import dev.tutti.common.plugin.Bounds;
import dev.tutti.common.plugin.Default;

/**
 * A worker process computes slower for some steps.
 *
 * @param times so many times slower
 * @param steps in so many steps
 */
public record Slow(int worker, long step, @Default("10.0") double times, @Default("10") int steps)
        implements ComputeFault {
    /** Refuses what would not be slower. */
    public Slow {
        Bounds.positive("times", times);
        if (times < 1) {
            throw new IllegalArgumentException("times must be at least 1, was " + times);
        }
        Bounds.atLeast("steps", 1, steps);
    }
}
