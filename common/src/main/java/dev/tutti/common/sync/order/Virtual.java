package dev.tutti.common.sync.order;

import dev.tutti.common.plugin.Bounds;
import dev.tutti.common.plugin.Default;
import dev.tutti.common.random.Seeds;

/**
 * Virtual workers whose computing times are drawn from a log-normal distribution, each with a link
 * of its own: {@code compute · exp(spread · z) + 2 · latency + 2 · bytes / link}, with a normal
 * deviate z for each worker and batch. Dean and Barroso 2013 ("The tail at scale") describe the
 * long tail of such times.
 *
 * @param compute median time of a task in seconds
 * @param spread deviation of the logarithm of the times; 0 makes all the same
 * @param slow how many workers, the first ones, are slow
 * @param factor by which those take longer to compute
 * @param link of each worker in Gbit/s; 0 takes no time
 * @param latency of a message in seconds
 */
public record Virtual(
        @Default("0.02") double compute,
        @Default("0.3") double spread,
        @Default("0") int slow,
        @Default("10.0") double factor,
        @Default("0.0") double link,
        @Default("0.0") double latency)
        implements Clock {
    private static final double NANOS = 1e9;
    private static final double GBIT_BYTES = 1e9 / 8;

    /** Times are bounded, so that those of any run can be added up. */
    private static final double SECONDS_MAX = 1e5;

    /** Refuses times that are not finite, or below 0. */
    public Virtual {
        Bounds.positive("compute", compute);
        Bounds.notNegative("spread", spread);
        Bounds.atLeast("slow", 0, slow);
        Bounds.positive("factor", factor);
        Bounds.notNegative("link", link);
        Bounds.notNegative("latency", latency);
    }

    @Override
    public long computeNanos(long seed, int worker, long batch) {
        // StrictMath, since Math may give other last bits on another processor.
        var deviation = spread == 0 ? 0 : Seeds.of(seed, "clock", worker, batch).nextGaussian();
        return nanos(compute * StrictMath.exp(spread * deviation) * (worker < slow ? factor : 1));
    }

    @Override
    public long travelNanos(long bytes) {
        return nanos(2 * (latency + (link == 0 ? 0 : bytes / (link * GBIT_BYTES))));
    }

    private static long nanos(double seconds) {
        return (long) (Math.min(SECONDS_MAX, seconds) * NANOS);
    }
}
