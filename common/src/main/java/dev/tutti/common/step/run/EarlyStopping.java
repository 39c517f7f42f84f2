package dev.tutti.common.step.run;

import java.util.OptionalDouble;
import java.util.OptionalInt;

/**
 * When a run ends before its last step, by the validation loss after each epoch.
 *
 * @param below training stops once the loss is below this
 * @param patience training stops after so many epochs without a new best loss, and the best epoch's
 *     weights are the result
 */
public record EarlyStopping(OptionalDouble below, OptionalInt patience) {
    /** Never stops early. */
    public static final EarlyStopping NEVER =
            new EarlyStopping(OptionalDouble.empty(), OptionalInt.empty());

    /** Refuses a patience of no epoch. */
    public EarlyStopping {
        if (patience.isPresent() && patience.getAsInt() < 1) {
            throw new IllegalArgumentException(
                    "patience must be at least 1 epoch, was " + patience.getAsInt());
        }
    }

    /** Tells whether it needs validation samples. */
    public boolean isActive() {
        return below.isPresent() || patience.isPresent();
    }

    /** Tells whether the best weights are to be kept. */
    public boolean keepsBest() {
        return patience.isPresent();
    }

    /** Tells whether training stops, given the loss and the epochs since the best one. */
    public boolean stops(double loss, int epochsSinceBest) {
        return (below.isPresent() && loss < below.getAsDouble())
                || (patience.isPresent() && epochsSinceBest >= patience.getAsInt());
    }
}
