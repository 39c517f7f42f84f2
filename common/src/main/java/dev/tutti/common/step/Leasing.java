package dev.tutti.common.step;

import dev.tutti.common.average.ShardTree;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Gives the work at hand to the members, takes it back from those that are gone or late, and says
 * how far each may send (laws 3 to 5).
 */
final class Leasing {
    private final Limits limits;
    private final Membership membership;
    private final Outbox out;
    private final LeaseTable leases;
    private final AdaptiveDeadline trainDeadline;
    private final AdaptiveDeadline evaluateDeadline;

    Leasing(ShardTree tree, Limits limits, Membership membership, Outbox out) {
        this.limits = limits;
        this.membership = membership;
        this.out = out;
        this.leases = new LeaseTable(tree, limits.creditChunks());
        this.trainDeadline = leaseDeadline(limits);
        this.evaluateDeadline = leaseDeadline(limits);
    }

    /** Starts a work with nothing given out yet. */
    void begin(Work work, int chunks) {
        leases.begin(work, chunks);
    }

    /** Returns the work at hand. */
    Work work() {
        return leases.work();
    }

    /** Returns all leases of the work, complete or not, in shard order. */
    List<HeldLease> all() {
        return List.copyOf(leases.all());
    }

    /** Gives whatever has nobody to these workers. */
    void grantOrphans(List<WorkerId> workers, long version, long now) {
        if (!leases.hasOrphans()) {
            return;
        }
        var byMember = new TreeMap<ProcessId, List<Lease>>();
        for (var lease : leases.grantOrphans(workers, now)) {
            var host = membership.hostOf(lease.worker()).orElseThrow();
            byMember.computeIfAbsent(host.process, _ -> new ArrayList<>()).add(lease);
        }
        byMember.forEach((process, granted) -> {
            if (membership.find(process).orElseThrow().needsWeights(version)) {
                out.add(new Decision.Publish(process, version));
            }
            out.send(process, new ToWorker.Grant(List.copyOf(granted)));
        });
    }

    /** Takes back what a member that is gone has not brought. */
    void takeBackFrom(Member gone) {
        for (var held : leases.outstanding()) {
            if (gone.workers.contains(held.lease.worker())) {
                takeBack(held);
            }
        }
    }

    /** Takes a lease back; its shards have nobody until they are granted again. */
    void takeBack(HeldLease held) {
        leases.takeBack(held);
        out.note(
                "to be computed again: %s of %s".formatted(held.lease.shards(), held.lease.work()));
    }

    /** Gives a lease whose result was bad to others, if there are any. */
    void grantElsewhere(HeldLease bad, long version, long now) {
        takeBack(bad);
        var others = membership.readyWorkersBut(bad.lease.worker());
        grantOrphans(others.isEmpty() ? membership.readyWorkers() : others, version, now);
    }

    /** Moves the leases that have been out for too long, if there are others to take them. */
    void moveOverdue(long version, long now) {
        var deadline = deadlineOf(leases.work());
        for (var held : leases.outstanding()) {
            if (now - held.grantedNanos <= deadline.nanos()) {
                continue;
            }
            var others = membership.readyWorkersBut(held.lease.worker());
            if (others.isEmpty()) {
                if (held.tellOverdue()) {
                    out.note("overdue: %s, but there is no other worker".formatted(held.lease));
                }
                continue;
            }
            out.note("overdue: %s, allowed were %s".formatted(held.lease, deadline.explain()));
            revoke(held);
            takeBack(held);
            grantOrphans(others, version, now);
        }
    }

    /** Returns the lease as it is out; a stale one is rejected and gives empty. */
    Optional<HeldLease> current(Member member, Lease lease) {
        var held =
                leases.find(lease)
                        .filter(found -> member.workers.contains(found.lease.worker()))
                        .filter(found -> !found.isComplete());
        if (held.isEmpty()) {
            out.reject(
                    member.process,
                    Rejection.Kind.STALE,
                    "result for %s, which is not out (now at %s)".formatted(lease, leases.work()));
        }
        return held;
    }

    /** Learns from a lease whose result is wholly in how long one takes. */
    void completed(HeldLease held, long now) {
        deadlineOf(held.lease.work()).observe(now - held.grantedNanos);
    }

    /** Lets all holders send as far as memory for chunks in flight goes. */
    void giveCredit(int reducedChunks) {
        leases.outstanding().forEach(held -> giveCredit(held, reducedChunks));
    }

    /** Lets a holder send as far as memory for chunks in flight goes. */
    void giveCredit(HeldLease held, int reducedChunks) {
        var allowed = reducedChunks + limits.creditChunks();
        if (!held.allow(allowed, Math.max(1, limits.creditChunks() / 2))) {
            return;
        }
        membership
                .hostOf(held.lease.worker())
                .ifPresent(host ->
                        out.send(
                                host.process,
                                new ToWorker.Credit(held.lease, held.allowedChunks())));
    }

    private void revoke(HeldLease held) {
        membership
                .hostOf(held.lease.worker())
                .ifPresent(
                        host -> out.send(host.process, new ToWorker.Revoke(List.of(held.lease))));
    }

    private AdaptiveDeadline deadlineOf(Work work) {
        return work instanceof Work.Train ? trainDeadline : evaluateDeadline;
    }

    private static AdaptiveDeadline leaseDeadline(Limits limits) {
        return new AdaptiveDeadline(10, limits.leaseMin().toNanos(), limits.leaseMax().toNanos());
    }
}
