package dev.tutti.common.sync.order;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Which task begins when, where steps are taken as gradients come, whatever says in which order
 * they come. A virtual worker that has sent one begins the next task with the weights of that
 * moment, unless it is too far ahead of the slowest: then it waits.
 */
final class ArrivalRules {
    private final TaskTimes times;
    private final long ahead;

    /** Tasks that each worker has done. */
    private final long[] done;

    /** The batch that each worker computes next. */
    private final long[] next;

    private final boolean[] waits;
    private final List<Integer> workers = new ArrayList<>();
    private final Map<Integer, Task> computing = new HashMap<>();
    private long slowest;
    private long version;

    /**
     * Makes the rules of a run at its start, where all workers wait.
     *
     * @param ahead how many tasks more than the slowest a worker may have begun
     */
    ArrivalRules(TaskTimes times, long ahead) {
        this.times = times;
        this.ahead = ahead;
        this.done = new long[times.workers()];
        this.next = new long[times.workers()];
        this.waits = new boolean[times.workers()];
        for (var worker = 0; worker < times.workers(); worker++) {
            if (times.takesPart(worker)) {
                workers.add(worker);
                waits[worker] = true;
            }
        }
    }

    /** Lets all workers begin that wait and may; returns their tasks. */
    List<Task> begin() {
        var begun = new ArrayList<Task>();
        for (var worker : workers) {
            if (waits[worker] && done[worker] - slowest <= ahead) {
                begun.add(begin(worker));
            }
        }
        return begun;
    }

    /** Counts a task as done: its worker waits. */
    void arrived(Task task) {
        var worker = task.worker();
        computing.remove(worker);
        done[worker]++;
        waits[worker] = true;
        if (done[worker] - 1 == slowest) {
            slowest = workers.stream().mapToLong(other -> done[other]).min().orElseThrow();
        }
    }

    /** Lets a worker begin whose task has arrived, and those who have waited for it. */
    List<Task> goOn(Task arrived) {
        return ahead == Long.MAX_VALUE ? List.of(begin(arrived.worker())) : begin();
    }

    /** Who begins from now on has the weights after one more step. */
    void stepTaken() {
        version++;
    }

    /** Tells whether a task has begun, and not arrived. */
    boolean isComputing(Task task) {
        return task.equals(computing.get(task.worker()));
    }

    long version() {
        return version;
    }

    private Task begin(int worker) {
        var batch = times.nextBatch(worker, next[worker]);
        next[worker] = batch + 1;
        waits[worker] = false;
        var task = new Task(worker, batch, version);
        computing.put(worker, task);
        return task;
    }

    /**
     * Goes on behind a step that was written down; returns why that cannot be, if it cannot.
     *
     * @param step at this version
     */
    Optional<String> follow(StepTasks step) {
        // Of the tasks of one step, some may have begun when others had arrived.
        var tasks = new ArrayList<>(step.tasks());
        var begun = new ArrayList<>(step.begun());
        while (true) {
            var moved = begun.removeIf(this::begins);
            moved |= tasks.removeIf(this::arrives);
            if (!moved) {
                break;
            }
        }
        if (!tasks.isEmpty() || !begun.isEmpty()) {
            return Optional.of(
                    "step %d has a task that cannot be: %s"
                            .formatted(
                                    version + 1,
                                    tasks.isEmpty() ? begun.getFirst() : tasks.getFirst()));
        }
        version++;
        return Optional.empty();
    }

    private boolean begins(Task task) {
        var worker = task.worker();
        if (!workers.contains(worker)
                || !waits[worker]
                || done[worker] - slowest > ahead
                || !task.equals(new Task(worker, times.nextBatch(worker, next[worker]), version))) {
            return false;
        }
        begin(worker);
        return true;
    }

    private boolean arrives(Task task) {
        if (!isComputing(task)) {
            return false;
        }
        arrived(task);
        return true;
    }
}
