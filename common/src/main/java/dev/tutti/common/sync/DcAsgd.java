package dev.tutti.common.sync;

import dev.tutti.common.plugin.Bounds;
import dev.tutti.common.plugin.Default;
import dev.tutti.common.sync.order.ByArrival;
import dev.tutti.common.sync.order.StepTasks;
import dev.tutti.common.sync.order.TaskTimes;
import java.util.Iterator;
import java.util.Optional;

/**
 * {@link Asynchronous} training, undamped, in which each gradient is corrected for the steps that
 * were taken since its weights were pulled; see {@link DelayCompensation}. The weights of a task
 * are kept until its step. The paper's adaptive variant has {@code lambda} 2.
 *
 * @param lambda how much is added; with 0 the mode is asynchronous
 * @param adaptive whether it is divided by a moving root mean square of the gradients
 * @param m how much of that mean square stays with each gradient
 */
public record DcAsgd(
        @Default("0.04") double lambda,
        @Default("false") boolean adaptive,
        @Default("0.95") double m)
        implements SyncMode {
    private static final Asynchronous ORDER = new Asynchronous(1, false);

    /** Refuses what is no factor and no average. */
    public DcAsgd {
        Bounds.notNegative("lambda", lambda);
        Bounds.positive("m", m);
        Bounds.belowOne("m", m);
    }

    @Override
    public boolean isWhole() {
        return false;
    }

    @Override
    public String describe(int workers) {
        return ORDER.describe(workers) + ", corrected for the steps since its weights";
    }

    @Override
    public Optional<String> givesUp() {
        return ORDER.givesUp();
    }

    @Override
    public int tasksOfStep(int workers) {
        return ORDER.tasksOfStep(workers);
    }

    @Override
    public Optional<DelayCompensation> compensation() {
        return Optional.of(new DelayCompensation(lambda, adaptive ? m : 0));
    }

    @Override
    public Optional<ByArrival> byArrival() {
        return ORDER.byArrival();
    }

    @Override
    public Iterator<StepTasks> steps(TaskTimes times) {
        return ORDER.steps(times);
    }
}
