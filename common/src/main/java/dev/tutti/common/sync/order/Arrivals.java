package dev.tutti.common.sync.order;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.PriorityQueue;

/** Steps that are taken as gradients come, in the order of a clock that is a model. */
public final class Arrivals implements Iterator<StepTasks> {
    private final TaskTimes times;
    private final ByArrival mode;
    private final ArrivalRules rules;
    private final PriorityQueue<Arrival> computing = new PriorityQueue<>();
    private List<Task> begun = new ArrayList<>();

    /** Makes the steps of a run. */
    public Arrivals(TaskTimes times, ByArrival mode) {
        this.times = times;
        this.mode = mode;
        this.rules = new ArrivalRules(times, mode.ahead());
        begin(rules.begin(), 0);
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
            tasks.add(arrival.task());
            rules.arrived(arrival.task());
            if (tasks.size() < mode.buffer()) {
                begin(rules.goOn(arrival.task()), arrival.nanos());
                continue;
            }
            var step = new StepTasks(arrival.nanos(), tasks, begun);
            // Who begins now has the weights after this step.
            rules.stepTaken();
            begun = new ArrayList<>();
            begin(rules.goOn(arrival.task()), arrival.nanos());
            return step;
        }
    }

    private void begin(List<Task> tasks, long now) {
        begun.addAll(tasks);
        for (var task : tasks) {
            computing.add(new Arrival(now + times.nanos(task.worker(), task.batch()), task));
        }
    }
}
