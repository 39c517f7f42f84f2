package dev.tutti.common.sync;

import dev.tutti.common.plugin.Bounds;
import dev.tutti.common.plugin.Default;
import dev.tutti.common.sync.order.Arrivals;
import dev.tutti.common.sync.order.ByArrival;
import dev.tutti.common.sync.order.StepTasks;
import dev.tutti.common.sync.order.TaskTimes;
import java.util.Iterator;
import java.util.Optional;

/**
 * No virtual worker waits for another: it pulls the newest weights, computes its next batch, sends
 * the gradient, and begins again. A step is taken whenever {@code buffer} gradients have come
 * (Nguyen et al. 2022, "Federated learning with buffered asynchronous aggregation"; with 1 it is
 * asynchronous SGD).
 *
 * @param buffer gradients of a step
 * @param damping whether a gradient is divided by its staleness, if that is above 1 (Zhang et al.
 *     2016, "Staleness-aware async-SGD for distributed deep learning")
 */
public record Asynchronous(@Default("1") int buffer, @Default("true") boolean damping)
        implements SyncMode {
    /** Refuses a step of no gradients. */
    public Asynchronous {
        Bounds.atLeast("buffer", 1, buffer);
    }

    @Override
    public boolean isWhole() {
        return false;
    }

    @Override
    public String describe(int workers) {
        return buffer == 1
                ? "each of %d virtual workers' gradients is a step as it comes".formatted(workers)
                : "a step averages the next %d gradients of %d virtual workers"
                        .formatted(buffer, workers);
    }

    @Override
    public Optional<String> givesUp() {
        return Optional.of(
                "law 1 and law 3: gradients are of older weights, and a fast virtual worker computes more batches than a slow one");
    }

    @Override
    public int tasksOfStep(int workers) {
        return buffer;
    }

    @Override
    public double weight(long staleness) {
        return damping ? 1.0 / Math.max(1, staleness) : 1;
    }

    @Override
    public Optional<ByArrival> byArrival() {
        return Optional.of(order());
    }

    private ByArrival order() {
        return new ByArrival(buffer, Long.MAX_VALUE);
    }

    @Override
    public Iterator<StepTasks> steps(TaskTimes times) {
        return new Arrivals(times, order());
    }
}
