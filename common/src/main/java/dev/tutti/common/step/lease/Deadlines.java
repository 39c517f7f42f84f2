package dev.tutti.common.step.lease;

import dev.tutti.common.step.run.MemberLimits;
import dev.tutti.common.step.run.Work;
import java.util.Optional;

/**
 * Which leases are out for too long, learnt from how long others took; one deadline for each kind
 * of work. Owned by {@link Leasing}.
 */
final class Deadlines {
    private static final double DEVIATIONS = 10;

    private final MemberLimits limits;
    private final AdaptiveDeadline train;
    private final AdaptiveDeadline measure;
    private final AdaptiveDeadline evaluate;

    Deadlines(MemberLimits limits) {
        this.limits = limits;
        this.train = new AdaptiveDeadline(DEVIATIONS, limits.lease());
        this.measure = new AdaptiveDeadline(DEVIATIONS, limits.lease());
        this.evaluate = new AdaptiveDeadline(DEVIATIONS, limits.lease());
    }

    private AdaptiveDeadline of(Work work) {
        return switch (work) {
            case Work.Train _ -> train;
            case Work.Measure _ -> measure;
            case Work.Evaluate _ -> evaluate;
        };
    }

    /** Learns from a lease whose result is computed. */
    void observe(HeldLease held, long now) {
        of(held.lease.work()).observe(now - held.grantedNanos, held.samplesAhead);
    }

    /** Tells whether the holder has been awaited for longer than usual. */
    boolean isOverdue(HeldLease held, long now) {
        return held.isOverdue(of(held.lease.work()), now);
    }

    /** Tells whether a worker is late with any of its leases. */
    boolean isStuck(LeaseHolder holder, long now) {
        return holder.owed().stream().anyMatch(held -> isOverdue(held, now));
    }

    /** Returns a lease's deadline in words. */
    String explain(HeldLease held) {
        return of(held.lease.work()).explain(held.samplesAhead);
    }

    /** Tells whether a lease is overdue, and nobody who is on time computes the same shards. */
    boolean isStraggling(HeldLease held, LeaseTable leases, long now) {
        return isOverdue(held, now)
                && leases.outstandingOn(held.lease.shards()).stream()
                        .allMatch(other -> isOverdue(other, now));
    }

    /** Returns a member that owes leases and has said nothing of them for as long as is allowed. */
    Optional<Member> mute(Membership membership, LeaseHolders holders, long now) {
        var allowed = limits.lease().max().toNanos();
        // A relay loses its own mute members first: each level is allowed as much again.
        return membership.all().stream()
                .filter(member -> holders.isMute(member, times(allowed, 1 + member.levels()), now))
                .findFirst();
    }

    /** A limit of centuries means for ever. */
    private static long times(long nanos, int factor) {
        return nanos > Long.MAX_VALUE / factor ? Long.MAX_VALUE : nanos * factor;
    }
}
