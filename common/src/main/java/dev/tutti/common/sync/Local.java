package dev.tutti.common.sync;

import dev.tutti.common.plugin.Bounds;
import dev.tutti.common.plugin.Default;
import dev.tutti.common.sync.order.FirstToArrive;
import dev.tutti.common.sync.order.StepTasks;
import dev.tutti.common.sync.order.TaskTimes;
import java.util.Iterator;
import java.util.Optional;

/**
 * Each virtual worker takes several steps of plain SGD by itself, on batches that follow one
 * another, and sends the sum of their gradients (Stich 2019, "Local SGD converges fast and
 * communicates little"). A plain SGD step of the run at the same rate then gives the mean of the
 * workers' weights; another optimizer takes that mean's change as its gradient (Reddi et al. 2021,
 * "Adaptive federated optimization", algorithm 1). So an exchange comes only once in {@code steps}
 * batches. With one step the mode is {@link Synchronous}.
 *
 * @param steps batches of a task; a short batch at an epoch's end is a task of its own
 * @param rate learning rate of a worker's own steps; 0 means the run's
 */
public record Local(int steps, @Default("0.0") double rate) implements SyncMode {
    static final String GIVES_UP =
            "law 1: each virtual worker's later gradients are of its own weights";

    /** Refuses tasks without a step. */
    public Local {
        Bounds.atLeast("steps", 1, steps);
        Bounds.notNegative("rate", rate);
    }

    @Override
    public boolean isWhole() {
        return true;
    }

    @Override
    public String describe(int workers) {
        return "a step averages what %d virtual workers have done in %d steps of their own"
                .formatted(workers, steps);
    }

    @Override
    public Optional<String> givesUp() {
        return steps == 1 ? Optional.empty() : Optional.of(GIVES_UP);
    }

    @Override
    public int localSteps() {
        return steps;
    }

    @Override
    public String localOptimizer() {
        return "sgd(rate=%s)".formatted(rate);
    }

    @Override
    public SyncMode inRun(double ofRun, String optimizer) {
        return rate == 0 ? new Local(steps, ofRun) : this;
    }

    @Override
    public Iterator<StepTasks> steps(TaskTimes times) {
        return new FirstToArrive(times, times.workers(), steps);
    }
}
