package dev.tutti.common.sync;

import java.util.Iterator;
import java.util.Optional;

/**
 * Who is waited for: says which tasks each step is made of, and with which weights each task was
 * computed. It decides nothing else: the averaging rule and the optimizer are the same in every
 * mode.
 */
public interface SyncMode {
    /**
     * Tells whether every step has exactly one task of each virtual worker, all of one batch and
     * computed with the newest weights. Then no schedule is needed, and sums of several shards may
     * travel as one.
     */
    boolean isWhole();

    /**
     * Returns one sentence on what a step is made of, for who starts a run.
     *
     * @param workers virtual workers of the run
     */
    String describe(int workers);

    /** Returns what a run in this mode gives up of the laws; empty if it keeps all. */
    default Optional<String> givesUp() {
        return Optional.empty();
    }

    /** Returns why so many virtual workers cannot train in this mode; empty if they can. */
    default Optional<String> refusal(int workers) {
        return Optional.empty();
    }

    /** Returns how many steps a virtual worker takes by itself in each task. */
    default int localSteps() {
        return 1;
    }

    /** Returns the learning rate of those steps. */
    default double localRate() {
        return 0;
    }

    /**
     * Returns the same mode in a run of a rate, which those steps have unless they say otherwise.
     */
    default SyncMode atRate(double rate) {
        return this;
    }

    /**
     * Returns how many batches a step uses up, in tasks: with as many workers as that, a step is a
     * batch.
     *
     * @param workers virtual workers of the run
     */
    default int tasksOfStep(int workers) {
        return workers;
    }

    /**
     * Returns what a gradient is multiplied by before it is averaged.
     *
     * @param staleness steps taken since its weights
     */
    default double weight(long staleness) {
        return 1;
    }

    /** Returns the steps of a run, which never end. */
    Iterator<StepTasks> steps(TaskTimes times);
}
