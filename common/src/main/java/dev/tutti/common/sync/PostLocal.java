package dev.tutti.common.sync;

import dev.tutti.common.plugin.Bounds;
import dev.tutti.common.plugin.Default;
import dev.tutti.common.sync.order.FirstToArrive;
import dev.tutti.common.sync.order.StepTasks;
import dev.tutti.common.sync.order.TaskTimes;
import java.util.Iterator;
import java.util.Optional;

/**
 * Synchronous training until a step, then {@link Local} training (Lin et al. 2020, "Don't use large
 * mini-batches, use local SGD", section 3: post-local SGD). There the change comes with the first
 * drop of the learning rate. From 0 on the mode is {@link Local}.
 *
 * @param steps batches of a task after the change
 * @param from steps that are taken before
 * @param rate learning rate of a worker's own steps; 0 means the run's
 */
public record PostLocal(int steps, long from, @Default("0.0") double rate) implements SyncMode {
    /** Refuses tasks without a step, and a change before the run. */
    public PostLocal {
        Bounds.atLeast("steps", 1, steps);
        if (from < 0) {
            throw new IllegalArgumentException("from must be at least 0, was " + from);
        }
        Bounds.notNegative("rate", rate);
    }

    private Local local() {
        return new Local(steps, rate);
    }

    @Override
    public boolean isWhole() {
        return true;
    }

    @Override
    public String describe(int workers) {
        return "%s; from step %d on %s"
                .formatted(
                        new Synchronous().describe(workers), from + 1, local().describe(workers));
    }

    @Override
    public Optional<String> givesUp() {
        return local().givesUp();
    }

    @Override
    public int localSteps() {
        return steps;
    }

    @Override
    public long localFrom() {
        return from;
    }

    @Override
    public String localOptimizer() {
        return local().localOptimizer();
    }

    @Override
    public SyncMode inRun(double ofRun, String optimizer) {
        return rate == 0 ? new PostLocal(steps, from, ofRun) : this;
    }

    @Override
    public Iterator<StepTasks> steps(TaskTimes times) {
        return new FirstToArrive(times, times.workers(), steps, from);
    }
}
