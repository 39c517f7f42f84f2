package dev.tutti.common.sync;

import dev.tutti.common.sync.order.Schedule;
import dev.tutti.common.sync.order.StepTasks;
import dev.tutti.common.sync.order.TaskTimes;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;

/**
 * The steps of a run by their number. The last few are kept; an earlier one is found by going
 * through the schedule anew, which takes far less time than the steps did. Serves one thread.
 */
public final class Timeline implements Schedule {
    private static final int KEPT = 8;

    private final SyncMode mode;
    private final TaskTimes times;
    private final Deque<StepTasks> kept = new ArrayDeque<>();
    private Iterator<StepTasks> steps;
    private long made;

    /** Makes the steps of a run in a mode. */
    public Timeline(SyncMode mode, TaskTimes times) {
        this.mode = mode;
        this.times = times;
        this.steps = mode.steps(times);
    }

    @Override
    public StepTasks step(long step) {
        if (step < made - kept.size()) {
            steps = mode.steps(times);
            kept.clear();
            made = 0;
        }
        while (made <= step) {
            if (kept.size() == KEPT) {
                kept.removeFirst();
            }
            kept.addLast(steps.next());
            made++;
        }
        return kept.stream().skip(step - (made - kept.size())).findFirst().orElseThrow();
    }
}
