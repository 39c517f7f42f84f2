package dev.tutti.common.step.simulation;

import java.util.Comparator;
import java.util.PriorityQueue;

/** The time of a simulated cluster, and what is still to happen in it. */
public final class SimulatedClock {
    public static final long MILLI = 1_000_000;
    public static final long SECOND = 1_000 * MILLI;

    private record Event(long at, long order, Runnable action) {}

    private final PriorityQueue<Event> queue =
            new PriorityQueue<>(
                    Comparator.comparingLong(Event::at).thenComparingLong(Event::order));
    private long now;
    private long events;

    /** Lets something happen at a time, after everything that was planned for that time before. */
    void at(long nanos, Runnable action) {
        queue.add(new Event(Math.max(nanos, now), events++, action));
    }

    void after(long nanos, Runnable action) {
        at(now + nanos, action);
    }

    public long now() {
        return now;
    }

    /** Lets the next thing happen; tells whether there was any. */
    boolean advance() {
        var next = queue.poll();
        if (next == null) {
            return false;
        }
        now = next.at();
        next.action().run();
        return true;
    }
}
