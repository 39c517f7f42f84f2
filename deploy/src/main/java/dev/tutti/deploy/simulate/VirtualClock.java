package dev.tutti.deploy.simulate;

import java.util.Comparator;
import java.util.PriorityQueue;

/** Time that passes only from one event to the next. */
final class VirtualClock {
    private record Due(long nanos, long number, Runnable event) {}

    private final PriorityQueue<Due> due =
            new PriorityQueue<>(
                    Comparator.comparingLong(Due::nanos).thenComparingLong(Due::number));
    private long now;
    private long number;

    long now() {
        return now;
    }

    /** Lets something happen at a time that has not passed; of the same time in this order. */
    void at(long nanos, Runnable event) {
        due.add(new Due(Math.max(now, nanos), number++, event));
    }

    /** Lets the next event happen. */
    void advance() {
        var next = due.remove();
        now = next.nanos();
        next.event().run();
    }
}
