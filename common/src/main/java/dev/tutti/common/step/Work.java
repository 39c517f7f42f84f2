package dev.tutti.common.step;

import java.util.Locale;

/** What the shards are computed for. Both kinds need the weights after {@code step} steps. */
public sealed interface Work {
    /** Returns the number of steps behind the weights to use, which is the weights' version. */
    long step();

    /**
     * The gradient of one batch.
     *
     * @param step steps taken before this one; it also tells the batch
     */
    record Train(long step) implements Work {
        @Override
        public String toString() {
            return "step " + step;
        }
    }

    /**
     * Loss and accuracy over a part of the data, cut into as many shards as a batch.
     *
     * @param step steps taken before
     * @param part of the data
     */
    record Evaluate(long step, Part part) implements Work {
        @Override
        public String toString() {
            return part.name().toLowerCase(Locale.ROOT) + " after step " + step;
        }
    }
}
