package dev.tutti.common.step.run;

import java.util.Locale;

/** What the shards are computed for. Each kind needs the weights after {@code step} steps. */
public sealed interface Work {
    /** Returns the number of steps behind the weights to use, which is the weights' version. */
    long step();

    /**
     * The gradient of one batch, or of some that follow one another.
     *
     * @param step steps behind the weights
     * @param batch the first, counted from 0 over all epochs
     */
    record Train(long step, long batch) implements Work {
        /** The gradient of a step that has a batch to itself, as in synchronous training. */
        public Train(long step) {
            this(step, step);
        }

        @Override
        public String toString() {
            return batch == step ? "step " + step : "step %d, batch %d".formatted(step, batch);
        }
    }

    /**
     * Statistics of one batch that a layer asks for, before the gradient can be computed.
     *
     * @param step as of the gradient
     * @param round which of the model's questions, counted from 0
     */
    record Measure(long step, int round) implements Work {
        @Override
        public String toString() {
            return "step " + step + ", round " + round;
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

    /** Tells whether both are computed with the same weights, for the same purpose. */
    default boolean isBeside(Work other) {
        if (this instanceof Train(var step, _) && other instanceof Train(var others, _)) {
            return step == others;
        }
        return equals(other);
    }
}
