package dev.tutti.common.step.lease;

import dev.tutti.common.step.message.Incoming;
import dev.tutti.common.step.run.Lease;

/** A lease that is out, and how much of its result is in. Owned by {@link LeaseTable}. */
public final class HeldLease {
    public final Lease lease;
    final long grantedNanos;

    /** Samples of the lease. */
    final int samples;

    /**
     * Samples that its worker had to compute when it got the lease, the lease's own included; those
     * of a relay are shared by as many workers as it stands for.
     */
    final int samplesAhead;

    private final boolean[] arrived;
    private final boolean[] taken;
    private int arrivedCount;
    private int allowedChunks;
    private boolean computed;
    private boolean evaluated;
    private final Incoming code = new Incoming();
    private boolean overdueTold;
    private boolean revoked;
    private long heardNanos;

    /**
     * Enters a lease as given out.
     *
     * @param samplesAhead that its worker has to compute until then, these included
     * @param chunks of its result; 0 if the result is totals alone
     */
    HeldLease(
            Lease lease,
            long grantedNanos,
            int samples,
            int samplesAhead,
            int chunks,
            int creditChunks) {
        this.lease = lease;
        this.grantedNanos = grantedNanos;
        this.heardNanos = grantedNanos;
        this.samples = samples;
        this.samplesAhead = samplesAhead;
        this.arrived = new boolean[chunks];
        this.taken = new boolean[chunks];
        this.allowedChunks = creditChunks;
    }

    /**
     * Notes a chunk as sent.
     *
     * @param used whether the sum holds it, and not what another brought before
     */
    public void chunkArrived(int chunk, boolean used) {
        taken[chunk] |= used;
        if (!arrived[chunk]) {
            arrived[chunk] = true;
            arrivedCount++;
        }
    }

    /** Returns what has come of the result's code. */
    public Incoming code() {
        return code;
    }

    /** Notes that the holder has computed the result, of which it may not have sent all. */
    public void computed() {
        computed = true;
    }

    public void resultArrived() {
        evaluated = true;
    }

    /** Tells whether the sum holds the holder's chunk. */
    public boolean hasBrought(int chunk) {
        return taken[chunk];
    }

    /** Tells whether nothing more is expected of the holder. */
    public boolean isComplete() {
        return evaluated || (arrived.length > 0 && arrivedCount == arrived.length);
    }

    /** Tells whether the holder has computed the result, even if it has not sent all of it. */
    public boolean isComputed() {
        return computed || isComplete();
    }

    /** Tells whether the holder is the next to act, and does not wait for credit. */
    private boolean isAwaited() {
        return revoked || arrived.length == 0 || arrivedCount < allowedChunks;
    }

    /** Notes a sign of the holder, or a new reason for one. */
    void heard(long now) {
        heardNanos = now;
    }

    void revoke(long now) {
        revoked = true;
        heard(now);
    }

    /** Tells whether the holder has been awaited for longer than so. */
    boolean isMute(long nanos, long now) {
        return isAwaited() && now - heardNanos > nanos;
    }

    /** Tells whether the holder has been awaited for longer than usual. */
    boolean isOverdue(AdaptiveDeadline deadline, long now) {
        return isMute(deadline.nanos(samplesAhead), now);
    }

    /** Raises the number of chunks that may be sent; tells whether it is worth a message. */
    boolean allow(int chunks, int worthChunks, long now) {
        var most = Math.min(chunks, arrived.length);
        var worth =
                most - allowedChunks >= worthChunks
                        || (most == arrived.length && most > allowedChunks);
        if (worth) {
            allowedChunks = most;
            heard(now);
        }
        return worth;
    }

    int allowedChunks() {
        return allowedChunks;
    }

    /** Returns true once: the first time that the holder is told of for being late. */
    boolean firstOverdue() {
        var first = !overdueTold;
        overdueTold = true;
        return first;
    }
}
