package dev.tutti.common.chaos;

import dev.tutti.common.plugin.Bounds;
import dev.tutti.common.plugin.Default;
import java.util.OptionalInt;

/** A fault in what a worker computes. */
public sealed interface ComputeFault extends Fault {
    /** Returns the number of the worker process. */
    int worker();

    @Override
    default OptionalInt victim() {
        return OptionalInt.of(worker());
    }

    /**
     * A worker process computes slower for some steps.
     *
     * @param times so many times slower
     * @param steps in so many steps
     */
    record Slow(int worker, long step, @Default("10.0") double times, @Default("10") int steps)
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

    /** A gradient has a NaN in it, as from a bad memory. */
    record Nan(int worker, long step) implements ComputeFault {}

    /**
     * One bit of a gradient is flipped before it is sent, as by a bad memory that nobody notices:
     * of the first lease that the worker process computes in the step. Which bit follows from the
     * step and the shards.
     */
    record FlipBit(int worker, long step) implements ComputeFault {}
}
