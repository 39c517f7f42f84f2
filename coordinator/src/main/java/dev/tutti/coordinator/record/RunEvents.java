package dev.tutti.coordinator.record;

import dev.tutti.common.step.course.StepReport;
import dev.tutti.common.step.run.ProcessId;
import dev.tutti.common.step.run.Rejection;
import dev.tutti.coordinator.stream.RefusalLog;
import dev.tutti.coordinator.stream.TrafficCounter;
import dev.tutti.proto.access.Refusal;
import java.util.List;

/** Tells all who observe a run what happens in it, one behind the other. */
public final class RunEvents {
    private final List<RunObserver> observers;
    private final TrafficCounter traffic;
    private final RefusalLog strangers = new RefusalLog();
    private long applyBeforeNanos;

    /**
     * Makes what tells the observers.
     *
     * @param observers in the order in which they are told
     * @param traffic of the run
     */
    public RunEvents(List<RunObserver> observers, TrafficCounter traffic) {
        this.traffic = traffic;
        this.observers = List.copyOf(observers);
    }

    public void tell(RunEvent event) {
        if (event instanceof RunEvent.Evaluated) {
            applyBeforeNanos = 0;
        }
        observers.forEach(observer -> observer.on(event));
    }

    public void note(String line) {
        tell(new RunEvent.Noted(line));
    }

    /** Any thread may warn. */
    public void warn(String line) {
        tell(new RunEvent.Warned(line));
    }

    /** A process may not join. */
    public void refused(ProcessId process, Rejection rejection) {
        strangers.line(process, rejection).ifPresent(this::warn);
    }

    /** A peer was turned away before it had joined; called from any thread. */
    public void turnedAway(Refusal refusal) {
        strangers.line(refusal).ifPresent(this::warn);
    }

    /**
     * A step has been taken.
     *
     * @param applyNanos from the last contribution until the next leases were out
     */
    public void stepTaken(StepReport report, long applyNanos) {
        // The machine's time stands still while it takes a step: what it calls the begin of the
        // next work is the begin of this turn.
        var collectNanos = Math.max(0, report.collectNanos() - applyBeforeNanos);
        applyBeforeNanos = applyNanos;
        tell(
                new RunEvent.StepTaken(
                        report,
                        collectNanos,
                        applyNanos,
                        traffic.sentBytes(),
                        traffic.receivedBytes()));
    }
}
