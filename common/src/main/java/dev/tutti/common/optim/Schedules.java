package dev.tutti.common.optim;

import dev.tutti.common.plugin.Catalogue;
import dev.tutti.common.plugin.PlugInException;
import java.util.List;

/** All learning-rate schedules that a run can name, and the rates they give. */
public final class Schedules {
    /** The catalogue; a new schedule is one record and one line here. */
    public static final Catalogue<Schedule> CATALOGUE =
            Catalogue.of(
                    "schedule",
                    Schedule.class,
                    List.of(
                            Constant.class,
                            Step.class,
                            Exponential.class,
                            Cosine.class,
                            Warmup.class));

    private Schedules() {}

    /**
     * Returns the rate of one step.
     *
     * @param rate the optimizer's
     * @param step steps taken before
     * @throws PlugInException if it is not above 0 and finite
     */
    public static double rate(Schedule schedule, double rate, long step) {
        var scheduled = rate * schedule.factor(step);
        if (!isRate(scheduled)) {
            throw new PlugInException(
                    "schedule %s gives a rate of %s at step %d; it must be above 0 in every step"
                            .formatted(CATALOGUE.format(schedule), scheduled, step));
        }
        return scheduled;
    }

    /**
     * Refuses a schedule that gives a rate which is not above 0 in some step of a run, before the
     * run starts.
     *
     * @throws PlugInException naming that step
     */
    public static void check(Schedule schedule, double rate, long steps) {
        var _ = rate(schedule, rate, 0);
        long good = 0;
        long last = steps - 1;
        // A bad rate stays bad, so the first one is found by halving, however long the run.
        while (!isRate(rate * schedule.factor(last)) && last - good > 1) {
            var middle = good + (last - good) / 2;
            if (isRate(rate * schedule.factor(middle))) {
                good = middle;
            } else {
                last = middle;
            }
        }
        var _ = rate(schedule, rate, last);
    }

    private static boolean isRate(double rate) {
        return rate > 0 && Double.isFinite(rate);
    }

    /**
     * Returns the rate for a batch of another size than the one it was found for: it grows as the
     * batch does (Goyal et al. 2017, "Accurate, large minibatch SGD", the linear scaling rule).
     *
     * @param rate found for {@code fromBatch} samples a step
     */
    public static double scaled(double rate, int fromBatch, int batch) {
        if (fromBatch < 1 || batch < 1) {
            throw new IllegalArgumentException(
                    "batches must have at least 1 sample, were %d and %d"
                            .formatted(fromBatch, batch));
        }
        return rate * batch / fromBatch;
    }
}
