package dev.tutti.common.step;

/** A lease that is out, and how much of its result is in. Owned by {@link LeaseTable}. */
final class HeldLease {
    final Lease lease;
    final long grantedNanos;
    private final boolean[] arrived;
    private int arrivedCount;
    private int allowedChunks;
    private boolean evaluated;
    private boolean overdueTold;

    /**
     * Enters a lease as given out.
     *
     * @param chunks of its result; 0 if the result is totals alone
     */
    HeldLease(Lease lease, long grantedNanos, int chunks, int creditChunks) {
        this.lease = lease;
        this.grantedNanos = grantedNanos;
        this.arrived = new boolean[chunks];
        this.allowedChunks = creditChunks;
    }

    void chunkArrived(int chunk) {
        if (!arrived[chunk]) {
            arrived[chunk] = true;
            arrivedCount++;
        }
    }

    void resultArrived() {
        evaluated = true;
    }

    /** Tells whether nothing more is expected of the holder. */
    boolean isComplete() {
        return evaluated || (arrived.length > 0 && arrivedCount == arrived.length);
    }

    /** Raises the number of chunks that may be sent; tells whether it is worth a message. */
    boolean allow(int chunks, int worthChunks) {
        var most = Math.min(chunks, arrived.length);
        var worth =
                most - allowedChunks >= worthChunks
                        || (most == arrived.length && most > allowedChunks);
        if (worth) {
            allowedChunks = most;
        }
        return worth;
    }

    int allowedChunks() {
        return allowedChunks;
    }

    /** Returns true once: the first time that the holder is told of for being late. */
    boolean tellOverdue() {
        var first = !overdueTold;
        overdueTold = true;
        return first;
    }
}
