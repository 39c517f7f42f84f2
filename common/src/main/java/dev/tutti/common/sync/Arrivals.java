package dev.tutti.common.sync;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.PriorityQueue;

/**
 * Steps that are taken as gradients come. A virtual worker that has sent one begins the next task
 * with the weights of that moment, unless it is too far ahead of the slowest: then it waits.
 */
final class Arrivals implements Iterator<StepTasks> {
    private final TaskTimes times;
    private final int buffer;
    private final long ahead;
    private final PriorityQueue<Arrival> computing = new PriorityQueue<>();

    /** Tasks that each worker has done. */
    private final long[] done;

    /** The batch that each worker computes next. */
    private final long[] next;

    private final boolean[] waits;
    private final List<Integer> workers = new ArrayList<>();
    private List<Task> begun = new ArrayList<>();
    private long slowest;
    private long version;

    /**
     * Makes the steps of a run.
     *
     * @param buffer tasks of a step
     * @param ahead how many tasks more than the slowest a worker may have begun
     */
    Arrivals(TaskTimes times, int buffer, long ahead) {
        this.times = times;
        this.buffer = buffer;
        this.ahead = ahead;
        this.done = new long[times.workers()];
        this.next = new long[times.workers()];
        this.waits = new boolean[times.workers()];
        for (var worker = 0; worker < times.workers(); worker++) {
            if (times.takesPart(worker)) {
                workers.add(worker);
                begin(worker, 0);
            }
        }
    }

    @Override
    public boolean hasNext() {
        return true;
    }

    @Override
    public StepTasks next() {
        var tasks = new ArrayList<Task>();
        while (true) {
            var arrival = computing.remove();
            var worker = arrival.task().worker();
            tasks.add(arrival.task());
            done[worker]++;
            if (tasks.size() < buffer) {
                goOn(worker, arrival.nanos());
                continue;
            }
            var step = new StepTasks(arrival.nanos(), tasks, begun);
            // Who begins now has the weights after this step.
            version++;
            begun = new ArrayList<>();
            goOn(worker, arrival.nanos());
            return step;
        }
    }

    /** Lets a worker that has sent its gradient begin again, and those who have waited for it. */
    private void goOn(int worker, long now) {
        waits[worker] = true;
        if (done[worker] - 1 == slowest) {
            slowest = workers.stream().mapToLong(other -> done[other]).min().orElseThrow();
        }
        if (ahead == Long.MAX_VALUE) {
            begin(worker, now);
            return;
        }
        for (var waiting : workers) {
            if (waits[waiting] && done[waiting] - slowest <= ahead) {
                begin(waiting, now);
            }
        }
    }

    private void begin(int worker, long now) {
        var batch = times.nextBatch(worker, next[worker]);
        next[worker] = batch + 1;
        waits[worker] = false;
        var task = new Task(worker, batch, version);
        begun.add(task);
        computing.add(new Arrival(now + times.nanos(worker, batch), task));
    }
}
