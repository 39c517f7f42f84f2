package dev.tutti.deploy.bench.measure;

import java.lang.management.ManagementFactory;
import java.util.ArrayList;

/**
 * How long a piece of work keeps a thread's processor: warmed up, and often enough for the clock.
 * What other processes take away does not count, though they still share caches and memory.
 */
public final class BenchRounds {
    private static final long WARM_UP_NANOS = 500_000_000;
    private static final long ROUND_NANOS_MIN = 10_000_000;
    private static final int WARM_UP_RUNS_MIN = 5;

    private BenchRounds() {}

    /** Returns the processor's nanoseconds of one run: the median over so many rounds. */
    public static double medianNanos(int rounds, Runnable work) {
        var repeats = repeats(work);
        var nanos = new ArrayList<Double>();
        for (var round = 0; round < rounds; round++) {
            nanos.add(nanos(repeats, work));
        }
        return Spread.of(nanos).median();
    }

    /** Warms the work up, and returns how often it must run for one round. */
    public static int repeats(Runnable work) {
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
    public static double nanos(int repeats, Runnable work) {
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
