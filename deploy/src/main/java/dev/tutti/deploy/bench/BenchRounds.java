package dev.tutti.deploy.bench;

import java.lang.management.ManagementFactory;

/**
 * How long a piece of work keeps a thread's processor: warmed up, and often enough for the clock.
 * What other processes take away does not count, though they still share caches and memory.
 */
final class BenchRounds {
    private static final long WARM_UP_NANOS = 500_000_000;
    private static final long ROUND_NANOS_MIN = 10_000_000;
    private static final int WARM_UP_RUNS_MIN = 5;

    private BenchRounds() {}

    /** Warms the work up, and returns how often it must run for one round. */
    static int repeats(Runnable work) {
        var start = processorNanos();
        var runs = 0;
        while (runs < WARM_UP_RUNS_MIN || processorNanos() - start < WARM_UP_NANOS) {
            work.run();
            runs++;
        }
        var nanos = Math.max(1, (processorNanos() - start) / runs);
        return (int) Math.max(1, ROUND_NANOS_MIN / nanos);
    }

    /** Returns the processor's nanoseconds of one of {@code repeats} runs. */
    static double nanos(int repeats, Runnable work) {
        var start = processorNanos();
        for (var i = 0; i < repeats; i++) {
            work.run();
        }
        return (processorNanos() - start) / (double) repeats;
    }

    private static long processorNanos() {
        return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    }
}
