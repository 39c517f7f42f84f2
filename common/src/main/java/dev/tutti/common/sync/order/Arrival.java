package dev.tutti.common.sync.order;

import java.util.Comparator;

/** A gradient that comes at a time; of two at the same time, the one of the lower worker first. */
record Arrival(long nanos, Task task) implements Comparable<Arrival> {
    private static final Comparator<Arrival> ORDER =
            Comparator.comparingLong(Arrival::nanos).thenComparing(Arrival::task);

    @Override
    public int compareTo(Arrival other) {
        return ORDER.compare(this, other);
    }
}
