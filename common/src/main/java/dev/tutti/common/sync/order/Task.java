package dev.tutti.common.sync.order;

import java.util.Comparator;

/**
 * One gradient of one virtual worker: shard {@code worker} of a batch, computed with the weights of
 * a version. A virtual worker has at most one task for a batch, so the first two name it.
 *
 * @param worker the virtual worker, which is the number of its shard
 * @param batch counted from 0 over all epochs
 * @param version steps behind the weights that it is computed with
 */
public record Task(int worker, long batch, long version) implements Comparable<Task> {
    private static final Comparator<Task> ORDER =
            Comparator.comparingInt(Task::worker).thenComparingLong(Task::batch);

    /** Orders by virtual worker, then by batch: the order in which a step adds its tasks up. */
    @Override
    public int compareTo(Task other) {
        return ORDER.compare(this, other);
    }

    /** Returns how many steps were taken between its weights and the step that it is part of. */
    public long staleness(long step) {
        return step - version;
    }
}
