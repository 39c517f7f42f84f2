package dev.tutti.common.sync.order;

/**
 * No model: the order in which gradients come from the processes of the run decides. A run writes
 * it down, and can be replayed from it.
 */
public record Real() implements Clock {
    @Override
    public boolean isModel() {
        return false;
    }

    @Override
    public long computeNanos(long seed, int worker, long batch) {
        return 0;
    }

    @Override
    public long travelNanos(long bytes) {
        return 0;
    }
}
