package dev.tutti.common.sync.order;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * The schedule of a run in which the order of arrival decides, as in other systems: it is known
 * only afterwards. A run that goes on, or is replayed, follows what was written down.
 */
public final class LiveOrder implements Schedule {
    private final ByArrival mode;
    private final ArrivalRules rules;
    private final Deque<Task> pending = new ArrayDeque<>();
    private final List<Task> tasks = new ArrayList<>();
    private final List<Task> begun = new ArrayList<>();
    private final List<StepTasks> taken;
    private boolean decides;
    private long beganNanos = Long.MIN_VALUE;
    private long nanos;

    /**
     * Makes the schedule of a run.
     *
     * @param before the steps that were written down, from the first on
     * @throws IllegalArgumentException with one line, if these cannot be steps of such a run
     */
    public LiveOrder(TaskTimes times, ByArrival mode, List<StepTasks> before) {
        this.mode = mode;
        this.rules = new ArrivalRules(times, mode.ahead());
        this.taken = new ArrayList<>(before);
        for (var step : before) {
            if (step.tasks().size() != mode.buffer()) {
                throw new IllegalArgumentException(
                        "step %d has %d tasks, expected %d"
                                .formatted(
                                        rules.version() + 1, step.tasks().size(), mode.buffer()));
            }
            rules.follow(step)
                    .ifPresent(why -> {
                        throw new IllegalArgumentException(why);
                    });
            nanos = step.nanos();
        }
        begun.addAll(rules.begin());
    }

    @Override
    public StepTasks step(long step) {
        if (step < taken.size()) {
            return taken.get(Math.toIntExact(step));
        }
        if (step == taken.size() + 1L) {
            next();
        }
        if (!decides) {
            decides = true;
            take();
        }
        return new StepTasks(nanos, tasks.size() < mode.buffer() ? List.of() : tasks, begun);
    }

    private void next() {
        taken.add(step(taken.size()));
        rules.stepTaken();
        var last = tasks.getLast();
        tasks.clear();
        begun.clear();
        begun.addAll(rules.goOn(last));
        take();
    }

    @Override
    public List<Task> arrived(Task task, long now) {
        if (!rules.isComputing(task)) {
            // It is part of a step that was written down.
            return List.of();
        }
        if (beganNanos == Long.MIN_VALUE) {
            beganNanos = now - nanos;
        }
        nanos = now - beganNanos;
        pending.add(task);
        return decides ? take() : List.of();
    }

    /** Makes what has come part of the step, as far as it has room; returns who begins for that. */
    private List<Task> take() {
        var begins = new ArrayList<Task>();
        while (tasks.size() < mode.buffer() && !pending.isEmpty()) {
            var task = pending.remove();
            tasks.add(task);
            rules.arrived(task);
            if (tasks.size() < mode.buffer()) {
                begins.addAll(rules.goOn(task));
            }
        }
        begun.addAll(begins);
        return begins;
    }
}
