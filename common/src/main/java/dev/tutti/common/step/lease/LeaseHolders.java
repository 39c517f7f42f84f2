package dev.tutti.common.step.lease;

import dev.tutti.common.step.run.Lease;
import dev.tutti.common.step.run.WorkerId;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToIntFunction;

/** All workers as the leases see them. Owned by {@link Leasing}. */
final class LeaseHolders {
    private final Map<WorkerId, LeaseHolder> holders = new HashMap<>();

    LeaseHolder of(WorkerId worker) {
        return holders.computeIfAbsent(worker, LeaseHolder::new);
    }

    /** Returns a lease that its worker has not answered. */
    Optional<HeldLease> owed(Lease lease) {
        return Optional.ofNullable(holders.get(lease.worker()))
                .flatMap(holder -> holder.owed(lease));
    }

    void workBegan() {
        holders.values().forEach(LeaseHolder::workBegan);
    }

    void forget(Member gone) {
        gone.workers.forEach(holders::remove);
    }

    /** Tells whether a member has answered all its leases. */
    boolean areIdle(Member member) {
        return member.workers.stream().allMatch(worker -> of(worker).isIdle());
    }

    /** Tells whether one of a member's workers has said nothing of its leases for so long. */
    boolean isMute(Member member, long nanos, long now) {
        return member.workers.stream().anyMatch(worker -> of(worker).isMute(nanos, now));
    }

    /**
     * Who was never seen at work is taken for as fast as the median of the others.
     *
     * @param capacity how many workers one stands for
     * @param samples of a shard
     * @return with paces in nanoseconds
     */
    List<Division.Candidate> candidates(
            List<WorkerId> workers, ToIntFunction<WorkerId> capacity, double samples) {
        var usual = usualPace(workers);
        return workers.stream()
                .map(this::of)
                .map(holder ->
                        new Division.Candidate(
                                holder.worker,
                                holder.pace().orElse(usual) * samples,
                                capacity.applyAsInt(holder.worker),
                                holder.owedShards()))
                .toList();
    }

    private double usualPace(List<WorkerId> workers) {
        var known =
                workers.stream().flatMapToDouble(worker -> of(worker).pace().stream()).toArray();
        return known.length == 0 ? 1 : AdaptiveDeadline.median(known);
    }
}
