package dev.tutti.common.sync.order;

import java.util.List;

/**
 * A step of a schedule.
 *
 * @param nanos the time of the clock at which the step is taken
 * @param tasks what the step is made of, in the order in which they are added up
 * @param begun all tasks that are computed with the weights before this step, those of later steps
 *     included; the step is the first of them that could be taken
 */
public record StepTasks(long nanos, List<Task> tasks, List<Task> begun) {
    /** Sorts and copies. */
    public StepTasks {
        tasks = tasks.stream().sorted().toList();
        begun = begun.stream().sorted().toList();
    }
}
