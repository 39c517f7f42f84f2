package dev.tutti.common.step;

import java.util.Arrays;

/**
 * How long a wait may last, learnt from waits that ended well: median + k·MAD of the last ones,
 * between a floor and a ceiling (law 4). MAD is the median absolute deviation, which a few outliers
 * do not move.
 */
public final class AdaptiveDeadline {
    private static final int OBSERVATIONS_MAX = 64;
    private static final int OBSERVATIONS_MIN = 8;

    private final double factor;
    private final long floorNanos;
    private final long ceilingNanos;
    private final long[] observed = new long[OBSERVATIONS_MAX];
    private int count;

    /**
     * Makes a deadline that is the ceiling until enough has been observed.
     *
     * @param factor k, how many MADs beyond the median
     */
    public AdaptiveDeadline(double factor, long floorNanos, long ceilingNanos) {
        this.factor = factor;
        this.floorNanos = floorNanos;
        this.ceilingNanos = ceilingNanos;
    }

    /** Learns from a wait that ended well. */
    public void observe(long nanos) {
        observed[count++ % OBSERVATIONS_MAX] = nanos;
    }

    /** Returns how long the next wait may last. */
    public long nanos() {
        if (count < OBSERVATIONS_MIN) {
            return ceilingNanos;
        }
        var median = median(observations());
        return Math.clamp(median + (long) (factor * deviation(median)), floorNanos, ceilingNanos);
    }

    /** Returns the deadline and its reason, for the log. */
    public String explain() {
        if (count < OBSERVATIONS_MIN) {
            return "%.2f s (few observations yet)".formatted(nanos() / 1e9);
        }
        var median = median(observations());
        return "%.2f s (median %.2f s + %.0f × MAD %.3f s, between %.2f s and %.2f s)"
                .formatted(
                        nanos() / 1e9,
                        median / 1e9,
                        factor,
                        deviation(median) / 1e9,
                        floorNanos / 1e9,
                        ceilingNanos / 1e9);
    }

    private long[] observations() {
        return Arrays.copyOf(observed, Math.min(count, OBSERVATIONS_MAX));
    }

    private long deviation(long median) {
        return median(
                Arrays.stream(observations()).map(nanos -> Math.abs(nanos - median)).toArray());
    }

    private static long median(long[] values) {
        var sorted = values.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }
}
