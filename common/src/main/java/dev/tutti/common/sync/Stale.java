package dev.tutti.common.sync;

import dev.tutti.common.plugin.Bounds;
import dev.tutti.common.sync.order.Arrivals;
import dev.tutti.common.sync.order.ByArrival;
import dev.tutti.common.sync.order.StepTasks;
import dev.tutti.common.sync.order.TaskTimes;
import java.util.Iterator;
import java.util.Optional;

/**
 * Stale synchronous parallel training: each gradient is a step as it comes, but no virtual worker
 * may be more than {@code s} batches ahead of the slowest (Ho et al. 2013, "More effective
 * distributed ML via a stale synchronous parallel parameter server"). The bound is on batches that
 * workers have computed, not on the age of weights.
 *
 * @param s batches; with 0 the mode is {@link Synchronous}
 */
public record Stale(int s) implements SyncMode {
    /** Refuses a negative bound. */
    public Stale {
        Bounds.atLeast("s", 0, s);
    }

    @Override
    public boolean isWhole() {
        return s == 0;
    }

    @Override
    public String describe(int workers) {
        return s == 0
                ? new Synchronous().describe(workers)
                : "each of %d virtual workers' gradients is a step as it comes; none is more than %d batches ahead of the slowest"
                        .formatted(workers, s);
    }

    @Override
    public Optional<String> givesUp() {
        return s == 0 ? Optional.empty() : new Asynchronous(1, false).givesUp();
    }

    @Override
    public int tasksOfStep(int workers) {
        return s == 0 ? workers : 1;
    }

    @Override
    public Optional<ByArrival> byArrival() {
        return s == 0 ? Optional.empty() : Optional.of(order());
    }

    private ByArrival order() {
        return new ByArrival(1, s);
    }

    @Override
    public Iterator<StepTasks> steps(TaskTimes times) {
        return s == 0 ? new Synchronous().steps(times) : new Arrivals(times, order());
    }
}
