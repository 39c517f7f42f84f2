package dev.tutti.common.sync;

import dev.tutti.common.sync.order.ByArrival;
import dev.tutti.common.sync.order.StepTasks;
import dev.tutti.common.sync.order.TaskTimes;
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

    /**
     * Returns how many steps have a batch each, as without local steps, before the others begin.
     */
    default long localFrom() {
        return 0;
    }

    /** Returns the optimizer of those steps as text; empty if there are none. */
    default String localOptimizer() {
        return "";
    }

    /**
     * Returns the optimizer that takes a step along what the workers bring, as text; empty if it is
     * the run's.
     */
    default Optional<String> outerOptimizer() {
        return Optional.empty();
    }

    /** Tells whether virtual workers change weights of their own. */
    default boolean isLocal() {
        return localSteps() > 1 || outerOptimizer().isPresent();
    }

    /**
     * Returns the same mode with what it takes over from a run, unless it says otherwise.
     *
     * @param rate of the run
     * @param optimizer of the run as text, at that rate
     */
    default SyncMode inRun(double rate, String optimizer) {
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
     * Returns how many gradients a step averages, unless some have no samples.
     *
     * @param workers virtual workers of the run
     */
    default int gradientsOfStep(int workers) {
        return tasksOfStep(workers);
    }

    /**
     * Returns what a gradient is multiplied by before it is averaged.
     *
     * @param staleness steps taken since its weights
     */
    default double weight(long staleness) {
        return 1;
    }

    /**
     * Returns how a gradient is corrected for the steps since its weights; empty if it is not. It
     * needs those weights until the step.
     */
    default Optional<DelayCompensation> compensation() {
        return Optional.empty();
    }

    /** Returns how many vectors of the model's length the mode keeps from step to step. */
    default int slotCount() {
        return compensation().filter(DelayCompensation::isAdaptive).isPresent() ? 1 : 0;
    }

    /**
     * Returns how the mode takes steps as gradients come; empty if it takes them in another way.
     */
    default Optional<ByArrival> byArrival() {
        return Optional.empty();
    }

    /** Returns the steps of a run, which never end. */
    Iterator<StepTasks> steps(TaskTimes times);
}
