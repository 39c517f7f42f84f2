package dev.tutti.common.step.run;

import java.time.Duration;

/**
 * The bounds between which a wait may adapt to what was observed.
 *
 * @param min floor: however quick the others were, so long is always allowed
 * @param max ceiling: never longer, also before enough was observed
 */
public record Patience(Duration min, Duration max) {
    /** Refuses a floor above the ceiling, and no patience at all. */
    public Patience {
        if (min.isNegative() || min.isZero() || max.compareTo(min) < 0) {
            throw new IllegalArgumentException(
                    "patience must be from a positive floor to a ceiling not below it, was %s to %s"
                            .formatted(min, max));
        }
    }

    /** Returns patience of so many seconds. */
    public static Patience ofSeconds(double min, double max) {
        return new Patience(seconds(min), seconds(max));
    }

    private static Duration seconds(double value) {
        return Duration.ofNanos((long) (value * 1e9));
    }

    @Override
    public String toString() {
        return "%.2f s to %.2f s".formatted(min.toNanos() / 1e9, max.toNanos() / 1e9);
    }
}
