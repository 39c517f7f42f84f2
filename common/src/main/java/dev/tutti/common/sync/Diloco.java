package dev.tutti.common.sync;

import dev.tutti.common.plugin.Bounds;
import dev.tutti.common.plugin.Default;
import dev.tutti.common.sync.order.FirstToArrive;
import dev.tutti.common.sync.order.StepTasks;
import dev.tutti.common.sync.order.TaskTimes;
import java.util.Iterator;
import java.util.Optional;

/**
 * Each virtual worker takes many steps of the run's optimizer by itself; then an outer optimizer,
 * SGD with Nesterov momentum, takes the mean change {@code w_before − mean(w_worker)} as its
 * gradient (Douillard et al. 2023, "DiLoCo: distributed low-communication training of language
 * models", algorithm 1). The state of a worker's optimizer begins at zero with each task, so a task
 * depends on the weights alone.
 *
 * @param steps batches of a task; a short batch at an epoch's end is a task of its own
 * @param rate of the outer optimizer
 * @param momentum of the outer optimizer; 0 for none
 * @param inner the workers' optimizer as text; {@code run} means the run's
 */
public record Diloco(
        int steps,
        @Default("0.7") double rate,
        @Default("0.9") double momentum,
        @Default(Diloco.OF_RUN) String inner)
        implements SyncMode {
    static final String OF_RUN = "run";

    /** Refuses tasks without a step. */
    public Diloco {
        Bounds.atLeast("steps", 1, steps);
        Bounds.positive("rate", rate);
        Bounds.belowOne("momentum", momentum);
    }

    @Override
    public boolean isWhole() {
        return true;
    }

    @Override
    public String describe(int workers) {
        return new Local(steps, 0).describe(workers);
    }

    @Override
    public Optional<String> givesUp() {
        return Optional.of(Local.GIVES_UP);
    }

    @Override
    public int localSteps() {
        return steps;
    }

    @Override
    public String localOptimizer() {
        return inner;
    }

    @Override
    public Optional<String> outerOptimizer() {
        return Optional.of(
                momentum == 0
                        ? "sgd(rate=%s)".formatted(rate)
                        : "sgd(rate=%s,momentum=%s,nesterov=true)".formatted(rate, momentum));
    }

    @Override
    public SyncMode inRun(double ofRun, String optimizer) {
        return inner.equals(OF_RUN) ? new Diloco(steps, rate, momentum, optimizer) : this;
    }

    @Override
    public Iterator<StepTasks> steps(TaskTimes times) {
        return new FirstToArrive(times, times.workers(), steps);
    }
}
