package dev.tutti.common.sync.order;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;

/**
 * Steps that all virtual workers begin together, with the newest weights; each step is made of
 * those that come first.
 */
public final class FirstToArrive implements Iterator<StepTasks> {
    private final TaskTimes times;
    private final int awaited;
    private final int batches;
    private final long from;
    private long step;
    private long now;

    /**
     * Makes the steps of a run.
     *
     * @param awaited tasks that a step waits for
     * @param batches of a task
     * @param from steps before, whose tasks have one batch
     */
    public FirstToArrive(TaskTimes times, int awaited, int batches, long from) {
        this.times = times;
        this.awaited = awaited;
        this.batches = batches;
        this.from = from;
    }

    /** Makes the steps of a run whose tasks all have so many batches. */
    public FirstToArrive(TaskTimes times, int awaited, int batches) {
        this(times, awaited, batches, 0);
    }

    @Override
    public boolean hasNext() {
        return true;
    }

    @Override
    public StepTasks next() {
        var arrivals = new ArrayList<Arrival>();
        var batch = step < from ? step : from + (step - from) * batches;
        for (var worker = 0; worker < times.workers(); worker++) {
            // A short batch may have no sample for a worker; somebody has one.
            if (times.samples().count(worker, step) > 0) {
                var nanos = times.nanos(worker, batch, step < from ? 1 : batches);
                arrivals.add(new Arrival(nanos, new Task(worker, step, step)));
            }
        }
        Collections.sort(arrivals);
        var first = arrivals.subList(0, Math.min(awaited, arrivals.size()));
        var tasks = first.stream().map(Arrival::task).toList();
        now += first.getLast().nanos();
        step++;
        return new StepTasks(now, tasks, tasks);
    }
}
