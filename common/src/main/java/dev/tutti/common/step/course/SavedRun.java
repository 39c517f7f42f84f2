package dev.tutti.common.step.course;

import dev.tutti.common.step.run.Work;
import java.lang.foreign.Arena;
import java.util.List;

/**
 * Where a run stands between two events: all that its next bits follow from, beside its
 * configuration (law 6). What a work has brought so far is not part of it: the weights do not
 * change before the last of it is in, and it is computed again. The order of the data is a pure
 * function of the seed and the step.
 *
 * @param next the work to begin with, for a step its gradient, whose rounds come before it anew;
 *     its step is the number of steps behind the weights
 * @param state weights and slots
 * @param best the best epoch so far, for early stopping
 * @param ledger the account of the epoch that is open
 * @param tasks gradients that wait for steps to come, of earlier weights
 * @param versions earlier weights that tasks are still to be computed with
 * @param vectors that are kept from step to step, beside weights and slots
 * @param fingerprint how the kernel of the run's first worker rounds; empty before it joined
 */
public record SavedRun(
        Work next,
        TrainingState state,
        SavedBest best,
        SavedLedger ledger,
        String fingerprint,
        List<SavedTask> tasks,
        List<SavedVersion> versions,
        List<SavedVector> vectors) {
    /** Returns the same over memory of its own, which later changes of the run do not touch. */
    public SavedRun copy(Arena arena) {
        return new SavedRun(
                next,
                state.copy(arena),
                best.copy(arena),
                ledger,
                fingerprint,
                copyTasks(),
                copyVersions(),
                copyVectors());
    }

    /**
     * Returns the same over the memory of an earlier copy, which loses what it held; nothing is
     * allocated.
     */
    public SavedRun copyOver(SavedRun earlier) {
        state.copyTo(earlier.state);
        return new SavedRun(
                next,
                earlier.state,
                best.copyOver(earlier.best),
                ledger,
                fingerprint,
                copyTasks(),
                copyVersions(),
                copyVectors());
    }

    private List<SavedVector> copyVectors() {
        return vectors.stream().map(SavedVector::copy).toList();
    }

    private List<SavedVersion> copyVersions() {
        return versions.stream().map(SavedVersion::copy).toList();
    }

    private List<SavedTask> copyTasks() {
        return tasks.stream().map(SavedTask::copy).toList();
    }
}
