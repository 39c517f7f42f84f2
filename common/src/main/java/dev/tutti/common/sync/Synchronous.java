package dev.tutti.common.sync;

import dev.tutti.common.sync.order.FirstToArrive;
import dev.tutti.common.sync.order.StepTasks;
import dev.tutti.common.sync.order.TaskTimes;
import java.util.Iterator;

/** Every step waits for every virtual worker. */
public record Synchronous() implements SyncMode {
    @Override
    public boolean isWhole() {
        return true;
    }

    @Override
    public String describe(int workers) {
        return "a step averages the gradients of all %d virtual workers".formatted(workers);
    }

    @Override
    public Iterator<StepTasks> steps(TaskTimes times) {
        return new FirstToArrive(times, times.workers(), 1);
    }
}
