package dev.tutti.common.sync;

import dev.tutti.common.plugin.Bounds;
import dev.tutti.common.sync.order.FirstToArrive;
import dev.tutti.common.sync.order.StepTasks;
import dev.tutti.common.sync.order.TaskTimes;
import java.util.Iterator;
import java.util.Optional;

/**
 * Each step takes the gradients that come first and drops the last {@code k} (Chen et al. 2016,
 * "Revisiting distributed synchronous SGD"). The samples of those are not used, so the ledger
 * counts fewer than an epoch has; shards of slow workers lose the most.
 *
 * @param k tasks of a step that are dropped; with 0 the mode is {@link Synchronous}
 */
public record Backup(int k) implements SyncMode {
    /** Refuses a negative number. */
    public Backup {
        Bounds.atLeast("k", 0, k);
    }

    @Override
    public boolean isWhole() {
        return k == 0;
    }

    @Override
    public String describe(int workers) {
        return "a step averages the first %d of %d gradients".formatted(workers - k, workers);
    }

    @Override
    public Optional<String> givesUp() {
        return k == 0
                ? Optional.empty()
                : Optional.of("law 3: the samples of dropped gradients are not counted");
    }

    @Override
    public Optional<String> refusal(int workers) {
        return k < workers
                ? Optional.empty()
                : Optional.of(
                        "backup(%d) drops as many gradients as there are: raise --shards, which is %d, or lower k"
                                .formatted(k, workers));
    }

    @Override
    public int gradientsOfStep(int workers) {
        return workers - k;
    }

    @Override
    public Iterator<StepTasks> steps(TaskTimes times) {
        return new FirstToArrive(times, times.workers() - k, 1);
    }
}
