package dev.tutti.common.sync.order;

import java.util.List;

/** Says which tasks each step of a run is made of. Serves one thread. */
public interface Schedule {
    /**
     * Returns a step. Where gradients come in an order that nobody knows before, a step has no
     * tasks until all of them have come; then the step after it may be asked for.
     *
     * @param step counted from 0
     */
    StepTasks step(long step);

    /**
     * Takes note that a task's gradient has come; returns the tasks that begin for that, with the
     * weights of the step at hand.
     *
     * @param nanos the time
     */
    default List<Task> arrived(Task task, long nanos) {
        return List.of();
    }
}
