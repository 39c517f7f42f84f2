package dev.tutti.common.step.lease;

import dev.tutti.common.step.run.Patience;
import java.util.Arrays;

/**
 * How long a wait may last, learnt from waits that ended well: median + k·MAD of the last ones,
 * between a floor and a ceiling (law 4). MAD is the median absolute deviation, which a few outliers
 * do not move. A wait for much is allowed more than one for little: what is learnt is the time of
 * one unit.
 */
public final class AdaptiveDeadline {
    private static final int OBSERVATIONS_MAX = 64;
    private static final int OBSERVATIONS_MIN = 8;
    private static final double NOT_KNOWN = -1;

    private final double factor;
    private final Patience patience;
    private final double[] observed = new double[OBSERVATIONS_MAX];
    private int count;
    private double unitNanos = NOT_KNOWN;

    /**
     * Makes a deadline that is the ceiling until enough has been observed.
     *
     * @param factor k, how many MADs beyond the median
     */
    public AdaptiveDeadline(double factor, Patience patience) {
        this.factor = factor;
        this.patience = patience;
    }

    /** Learns from a wait for {@code units} that ended well. */
    public void observe(long nanos, long units) {
        observed[count % OBSERVATIONS_MAX] = (double) nanos / units;
        // Once the window is full the count need only stay full and know its place.
        count = count + 1 < 2 * OBSERVATIONS_MAX ? count + 1 : OBSERVATIONS_MAX;
        unitNanos = NOT_KNOWN;
    }

    /** Returns how long the next wait for {@code units} may last. */
    public long nanos(long units) {
        if (isNew()) {
            return patience.max().toNanos();
        }
        if (unitNanos == NOT_KNOWN) {
            var median = median(observations());
            unitNanos = median + factor * deviation(median);
        }
        return Math.clamp(
                (long) (units * unitNanos), patience.min().toNanos(), patience.max().toNanos());
    }

    /** Returns the deadline and its reason, for the log. */
    public String explain(long units) {
        if (isNew()) {
            return "%.2f s (few observations yet)".formatted(nanos(units) / 1e9);
        }
        var median = median(observations());
        return "%.2f s (median %.2f s + %.0f × MAD %.3f s, within %s)"
                .formatted(
                        nanos(units) / 1e9,
                        units * median / 1e9,
                        factor,
                        units * deviation(median) / 1e9,
                        patience);
    }

    private boolean isNew() {
        return count < OBSERVATIONS_MIN;
    }

    private double[] observations() {
        return Arrays.copyOf(observed, Math.min(count, OBSERVATIONS_MAX));
    }

    private double deviation(double median) {
        return median(
                Arrays.stream(observations()).map(nanos -> Math.abs(nanos - median)).toArray());
    }

    /** Returns the median, of an even number the upper one; sorts the values, at least one. */
    static double median(double[] values) {
        Arrays.sort(values);
        return values[values.length / 2];
    }
}
