package dev.tutti.common.sync;

/** How long the virtual workers take: a model, whose times depend on no machine. */
public interface Clock {
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
