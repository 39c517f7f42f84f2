package dev.tutti.coordinator.record;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The times of a run's steps: exact sums, and percentiles over the steps kept. Of a long run every
 * second, fourth, eighth … step is kept, so memory does not grow with the steps (law 7).
 */
public final class StepTimes {
    private static final int KEPT_MAX = 1 << 14;
    private static final int SAVED_MAX = 1 << 9;

    private final long[] kept = new long[KEPT_MAX];
    private int keptCount;
    private int stride = 1;
    private long count;
    private long sumNanos;
    private long samples;
    private long firstNanos = -1;
    private long endNanos;
    private final double secondsBefore;

    /**
     * The times so far.
     *
     * @param stride of so many steps one is kept
     * @param kept times of these
     */
    public record Saved(
            long count, int stride, long sumNanos, long samples, double seconds, List<Long> kept) {
        static final Saved NONE = new Saved(0, 1, 0, 0, 0, List.of());
    }

    @JsonCreator
    public StepTimes(Saved saved) {
        count = saved.count;
        stride = saved.stride;
        sumNanos = saved.sumNanos;
        samples = saved.samples;
        secondsBefore = saved.seconds;
        for (var nanos : saved.kept) {
            kept[keptCount++] = nanos;
        }
    }

    /** Returns the times so far, of the steps so few that they take little room. */
    @JsonValue
    public Saved saved() {
        var every = Math.ceilDiv(Math.max(1, keptCount), SAVED_MAX);
        // Strides stay powers of two, so that thinning goes on where it was.
        every = every == 1 ? 1 : Integer.highestOneBit(every - 1) * 2;
        var some = new ArrayList<Long>();
        for (var i = 0; i < keptCount; i += every) {
            some.add(kept[i]);
        }
        return new Saved(
                count,
                stride * every,
                sumNanos,
                samples,
                secondsUntil(System.nanoTime()),
                List.copyOf(some));
    }

    public void add(long nanos, int stepSamples) {
        if (firstNanos < 0) {
            firstNanos = System.nanoTime() - nanos;
        }
        sumNanos += nanos;
        samples += stepSamples;
        if (count++ % stride == 0) {
            if (keptCount == KEPT_MAX) {
                thin();
            }
            kept[keptCount++] = nanos;
        }
    }

    public void end() {
        endNanos = System.nanoTime();
    }

    /**
     * Returns the time from the first lease to the end; the time between a stop and the resumption
     * is not counted.
     */
    public double seconds() {
        return secondsUntil(endNanos);
    }

    private double secondsUntil(long nanos) {
        return secondsBefore + (firstNanos < 0 ? 0 : (nanos - firstNanos) / 1e9);
    }

    /** Returns the training samples by the time spent in steps, evaluation left out. */
    public double samplesPerSecond() {
        return sumNanos == 0 ? 0 : samples / (sumNanos / 1e9);
    }

    /** Returns the time that a fraction of the steps did not exceed; 0 without steps. */
    public double millisAt(double fraction) {
        if (keptCount == 0) {
            return 0;
        }
        var sorted = Arrays.copyOf(kept, keptCount);
        Arrays.sort(sorted);
        return millis(sorted[(int) (fraction * (keptCount - 1))]);
    }

    /** Returns milliseconds, as figures and lines show a time. */
    static double millis(long nanos) {
        return Math.round(nanos / 1e3) / 1e3;
    }

    private void thin() {
        stride *= 2;
        keptCount /= 2;
        for (var i = 0; i < keptCount; i++) {
            kept[i] = kept[2 * i];
        }
    }
}
