package dev.tutti.common.sync.order;

/** How long the virtual workers take: a model, whose times depend on no machine; but for one. */
public interface Clock {
    /** Tells whether it says who comes first; otherwise that is known when they have come. */
    default boolean isModel() {
        return true;
    }

    /**
     * Returns the time in which a worker computes a batch, in nanoseconds.
     *
     * @param seed of the run
     * @param worker the virtual worker
     */
    long computeNanos(long seed, int worker, long batch);

    /**
     * Returns the time in which the weights come to a worker and its gradient goes back, together,
     * in nanoseconds.
     *
     * @param bytes of each of the two
     */
    long travelNanos(long bytes);
}
