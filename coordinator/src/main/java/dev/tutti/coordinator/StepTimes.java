package dev.tutti.coordinator;

import java.util.Arrays;

/**
 * The times of a run's steps: exact sums, and percentiles over the steps kept. Of a long run every
 * second, fourth, eighth … step is kept, so memory does not grow with the steps (law 7).
 */
final class StepTimes {
    private static final int KEPT_MAX = 1 << 14;

    private final long[] kept = new long[KEPT_MAX];
    private int keptCount;
    private int stride = 1;
    private long count;
    private long sumNanos;
    private long samples;
    private long firstNanos = -1;
    private long endNanos;

    void add(long nanos, int stepSamples) {
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

    void end() {
        endNanos = System.nanoTime();
    }

    /** Returns the time from the first lease to the end. */
    double seconds() {
        return firstNanos < 0 ? 0 : (endNanos - firstNanos) / 1e9;
    }

    double samplesPerSecond() {
        return sumNanos == 0 ? 0 : samples / (sumNanos / 1e9);
    }

    /** Returns the time that a fraction of the steps did not exceed; 0 without steps. */
    double millisAt(double fraction) {
        if (keptCount == 0) {
            return 0;
        }
        var sorted = Arrays.copyOf(kept, keptCount);
        Arrays.sort(sorted);
        return Math.round(sorted[(int) (fraction * (keptCount - 1))] / 1e3) / 1e3;
    }

    private void thin() {
        stride *= 2;
        keptCount /= 2;
        for (var i = 0; i < keptCount; i++) {
            kept[i] = kept[2 * i];
        }
    }
}
