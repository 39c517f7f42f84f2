package dev.tutti.common.step.lease;

import dev.tutti.common.average.ShardRange;
import dev.tutti.common.average.ShardTree;
import dev.tutti.common.average.batch.BatchRound;
import dev.tutti.common.random.Seeds;
import dev.tutti.common.step.message.Decision;
import dev.tutti.common.step.message.Outbox;
import dev.tutti.common.step.message.ToWorker;
import dev.tutti.common.step.run.Auditing;
import dev.tutti.common.step.run.Lease;
import dev.tutti.common.step.run.MemberLimits;
import dev.tutti.common.step.run.ProcessId;
import dev.tutti.common.step.run.SamplePlan;
import dev.tutti.common.step.run.Work;
import dev.tutti.common.step.run.WorkerId;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.IntStream;

/**
 * Gives the open works to the members, takes leases back from those that are gone, has a
 * straggler's part computed by an idle worker too, and says how far each may send (laws 3 to 5).
 * Synchronous training has one work open at a time; a schedule has works of several versions of the
 * weights, of which a worker has leases of one at a time.
 */
public final class Leasing {
    /**
     * Unequal shares must shorten the work by at least this time. Smaller differences are noise on
     * a machine that runs other programs.
     */
    private static final double GAIN_NANOS_MIN = 1e5;

    /** Unequal shares must also shorten it by at least this fraction of the previous work. */
    private static final double GAIN_OF_WORK_MIN = 0.05;

    private final ShardTree tree;
    private final SamplePlan plan;
    private final MemberLimits limits;
    private final Membership membership;
    private final KnownRounds known;
    private final StateHolders states;
    private final Predicate<Work> addsShards;
    private final Auditing auditing;
    private final Outbox out;

    /** The leases of each open work, in the order in which the works were opened. */
    private final SequencedMap<Work, LeaseTable> open = new LinkedHashMap<>();

    private final LeaseHolders holders = new LeaseHolders();
    private final Deadlines deadlines;
    private long begunNanos;
    private long lastWorkNanos;
    private int firstAttempt;
    private int lastAttempt;

    /**
     * Makes the leases of a run.
     *
     * @param rounds that a step begins with
     * @param states where the states of virtual workers are
     * @param addsShards whether a lease on a work to train may be on several shards, whose sum is
     *     sent
     * @param auditing which shards several processes compute
     */
    public Leasing(
            ShardTree tree,
            SamplePlan plan,
            MemberLimits limits,
            Membership membership,
            List<BatchRound> rounds,
            StateHolders states,
            Predicate<Work> addsShards,
            Auditing auditing,
            Outbox out) {
        this.tree = tree;
        this.plan = plan;
        this.limits = limits;
        this.membership = membership;
        this.known = new KnownRounds(rounds);
        this.states = states;
        this.addsShards = addsShards;
        this.auditing = auditing;
        this.out = out;
        this.deadlines = new Deadlines(limits);
    }

    /**
     * Opens a work that has no shards yet.
     *
     * @param chunks that a result of the work has; 0 if it is totals alone
     */
    public void open(Work work, int chunks, long now) {
        lastWorkNanos = now - begunNanos;
        begunNanos = now;
        open.put(
                work,
                new LeaseTable(
                        tree,
                        work,
                        firstAttempt,
                        chunks,
                        limits.creditChunks(),
                        shard -> auditing.picks(work, shard)));
        holders.workBegan();
    }

    /** Closes a work: its leases that are out are revoked. */
    public void close(Work work, long now) {
        var closed = open.remove(work);
        if (closed != null) {
            closed.outstanding().forEach(held -> revoke(held, now));
        }
    }

    /** Closes all works. They are opened again, and no lease is to be taken for one of before. */
    public void rewind(long now) {
        List.copyOf(open.keySet()).forEach(work -> close(work, now));
        known.forget();
        firstAttempt = lastAttempt + 1;
    }

    /** Returns the attempt of leases that were not given out since the run last went back. */
    public int firstAttempt() {
        return firstAttempt;
    }

    /** Tells whether a work is open. */
    public boolean isOpen(Work work) {
        return open.containsKey(work);
    }

    /** Takes a node of an open work in, to be granted. */
    public void add(Work work, ShardRange node) {
        leases(work).add(node);
    }

    /** Lets a node of an open work go, and tells those who compute parts of it. */
    public void remove(Work work, ShardRange node, long now) {
        leases(work).remove(node).forEach(held -> revoke(held, now));
    }

    /**
     * Returns what is known of the batch of the step at hand: members are told it with their
     * leases.
     */
    public KnownRounds known() {
        return known;
    }

    /** Returns where the states of virtual workers are. */
    public StateHolders states() {
        return states;
    }

    /** Returns the open works, in the order in which they were opened. */
    public Collection<Work> works() {
        return open.keySet();
    }

    /** Returns all leases of an open work, complete or not, in shard order. */
    public Collection<HeldLease> all(Work work) {
        return leases(work).all();
    }

    private LeaseTable leases(Work work) {
        return Optional.ofNullable(open.get(work))
                .orElseThrow(() -> new IllegalStateException(work + " is not open"));
    }

    private List<HeldLease> outstanding() {
        return open.values().stream().flatMap(leases -> leases.outstanding().stream()).toList();
    }

    // ---- giving out

    /**
     * Gives the nodes that no worker holds to ready workers. It avoids the shunned workers, and
     * those that are already overdue, if there are others.
     */
    public void grantOrphans(Set<WorkerId> shunned, long now) {
        List.copyOf(open.values()).stream()
                .filter(LeaseTable::hasOrphans)
                .forEach(leases -> grantOrphans(leases, shunned, now));
    }

    private void grantOrphans(LeaseTable leases, Set<WorkerId> shunned, long now) {
        var ready =
                membership.readyWorkers().stream()
                        .filter(worker -> canTake(worker, leases.work()))
                        .toList();
        if (ready.isEmpty()) {
            return;
        }
        var others = orAll(ready, worker -> !shunned.contains(worker));
        var fit = orAll(others, worker -> !deadlines.isStuck(holders.of(worker), now));
        var anybodys = grantToHolders(leases, leases.takeOrphans(), ready, now);
        if (!anybodys.isEmpty()) {
            grant(leases, anybodys, fit, now);
        }
    }

    /**
     * Gives shards whose virtual worker's state only one process has to that process; if it may be
     * given nothing, they have nobody. Returns the other nodes.
     */
    private List<ShardRange> grantToHolders(
            LeaseTable leases, List<ShardRange> nodes, List<WorkerId> ready, long now) {
        if (!states.areKept() || !(leases.work() instanceof Work.Train)) {
            return nodes;
        }
        var anybodys = new ArrayList<ShardRange>();
        var byHolder = new TreeMap<ProcessId, List<ShardRange>>();
        for (var node : nodes) {
            for (var shard = node.from(); shard < node.to(); shard++) {
                var only = states.only(shard);
                var list =
                        only.isEmpty()
                                ? anybodys
                                : byHolder.computeIfAbsent(only.get(), _ -> new ArrayList<>());
                list.add(new ShardRange(shard, shard + 1));
            }
        }
        byHolder.forEach((process, shards) -> {
            var workers =
                    ready.stream()
                            .filter(worker ->
                                    membership
                                            .hostOf(worker)
                                            .filter(host -> host.process.equals(process))
                                            .isPresent())
                            .toList();
            if (workers.isEmpty()) {
                shards.forEach(leases::add);
            } else {
                grant(leases, shards, workers, now);
            }
        });
        return anybodys;
    }

    /**
     * Tells whether a worker has nothing to do with other weights than those of a work: of several
     * versions it has one at a time, and takes the next when it is done.
     */
    private boolean canTake(WorkerId worker, Work work) {
        return holders.of(worker).owed().stream()
                .map(held -> held.lease)
                .allMatch(lease -> lease.work().isBeside(work) || !isWanted(lease));
    }

    /** Returns those of the workers; all if there is none of them. */
    private static List<WorkerId> orAll(List<WorkerId> workers, Predicate<WorkerId> which) {
        var some = workers.stream().filter(which).toList();
        return some.isEmpty() ? workers : some;
    }

    private void grant(
            LeaseTable leases, List<ShardRange> nodes, List<WorkerId> workers, long now) {
        var version = leases.work().step();
        var byMember = new TreeMap<ProcessId, List<Lease>>();
        for (var piece : divided(leases.work(), nodes, workers)) {
            var holder = holders.of(piece.worker());
            var samples = Math.max(1, plan.samples(leases.work(), piece.node()));
            var queued = shared(holder.owedSamples() + samples, piece.worker());
            var host = membership.hostOf(piece.worker()).orElseThrow();
            var after = after(leases.work(), piece.node(), host.process);
            var held = leases.grant(piece, after, samples, queued, now);
            holder.owes(held, now);
            lastAttempt = Math.max(lastAttempt, held.lease.attempt());
            byMember.computeIfAbsent(host.process, _ -> new ArrayList<>()).add(held.lease);
        }
        byMember.forEach((process, granted) -> {
            var member = membership.find(process).orElseThrow();
            if (member.needsWeights(version)) {
                out.add(new Decision.Publish(process, version));
            }
            tellRounds(member, leases.work());
            out.send(process, new ToWorker.Grant(List.copyOf(granted)));
        });
    }

    /** Returns what a lease goes on from, and sees that its process has it. */
    private long after(Work work, ShardRange shards, ProcessId process) {
        if (!states.areKept() || !(work instanceof Work.Train)) {
            return Lease.NEVER;
        }
        states.handOut(shards.from(), process, out);
        return states.after(shards.from());
    }

    /** Tells a member what it does not know yet of the batch. */
    private void tellRounds(Member member, Work work) {
        var round = member.roundsTold(work.step(), known.countBefore(work));
        for (var statistics : known.statisticsBefore(work, round)) {
            var measured = new Work.Measure(work.step(), round++);
            out.send(member.process, new ToWorker.Statistics(measured, statistics));
        }
    }

    private List<Division.Piece> divided(
            Work work, List<ShardRange> nodes, List<WorkerId> workers) {
        var shards = nodes.stream().mapToInt(ShardRange::size).sum();
        var samples = nodes.stream().mapToInt(node -> plan.samples(work, node)).sum();
        var candidates =
                holders.candidates(workers, membership::capacityOf, (double) samples / shards);
        var worthwhile = Math.max(GAIN_NANOS_MIN, GAIN_OF_WORK_MIN * lastWorkNanos);
        var pieces = Division.of(tree, nodes, candidates, worthwhile);
        return !(work instanceof Work.Train) || addsShards.test(work)
                ? pieces
                : pieces.stream().flatMap(Division.Piece::shards).toList();
    }

    /** Returns how many samples each has to compute of those for whom a lease taker stands. */
    private int shared(int samples, WorkerId taker) {
        var capacity = membership.capacityOf(taker);
        return (samples + capacity - 1) / capacity;
    }

    // ---- audits

    /** Returns the shards of a work that are audited; none if it is not open. */
    public List<ShardRange> audited(Work work) {
        return Optional.ofNullable(open.get(work)).map(LeaseTable::audited).orElse(List.of());
    }

    /** Returns the members that compute an audited shard, or are about to. */
    public List<Member> auditors(Work work, ShardRange shard) {
        return auditors(work, shard, _ -> true);
    }

    /** Returns those of them that are on time. */
    public List<Member> auditorsOnTime(Work work, ShardRange shard, long now) {
        return auditors(work, shard, held -> !deadlines.isOverdue(held, now));
    }

    private List<Member> auditors(Work work, ShardRange shard, Predicate<HeldLease> which) {
        return leases(work).outstandingOn(shard).stream()
                .filter(which)
                .flatMap(held -> membership.hostOf(held.lease.worker()).stream())
                .toList();
    }

    /**
     * Gives an audited shard to one more process; returns which, if there is one.
     *
     * @param which processes may
     * @param hosts that are avoided if there are others
     * @param shunned workers that are avoided if there are others
     */
    public Optional<Member> grantAudit(
            Work work,
            ShardRange shard,
            Predicate<Member> which,
            Set<String> hosts,
            Set<WorkerId> shunned,
            long now) {
        var leases = leases(work);
        var able =
                membership.readyWorkers().stream()
                        .filter(worker -> canTake(worker, work))
                        .filter(worker -> membership.hostOf(worker).filter(which).isPresent())
                        .toList();
        var fit = orAll(able, worker -> !shunned.contains(worker));
        var onTime = orAll(fit, worker -> !deadlines.isStuck(holders.of(worker), now));
        var elsewhere =
                orAll(
                        onTime,
                        worker ->
                                membership
                                        .hostOf(worker)
                                        .filter(host -> hosts.contains(host.host))
                                        .isEmpty());
        // Who has least to do; of those it is another for each shard.
        var first = shard.from();
        var chosen =
                elsewhere.stream()
                        .min(
                                Comparator.<WorkerId>comparingInt(
                                                worker -> holders.of(worker).owedShards())
                                        .thenComparingLong(
                                                worker -> Seeds.hash(first ^ worker.number())));
        chosen.ifPresent(worker -> grant(leases, List.of(shard), List.of(worker), now));
        return chosen.flatMap(membership::hostOf);
    }

    /** Takes back what is still out of an audited shard: its bits are known. */
    public void endAudit(Work work, ShardRange shard, long now) {
        for (var held : leases(work).outstandingOn(shard)) {
            revoke(held, now);
            leases(work).takeBack(held);
        }
    }

    // ---- taking back

    /** Takes back what a member that is gone has not brought. */
    public void takeBackFrom(Member gone, long now) {
        holders.forget(gone);
        withdrawFrom(gone, now);
    }

    /** Takes back what a member has not brought, and tells it so if it is still there. */
    public void withdrawFrom(Member gone, long now) {
        for (var held : outstanding()) {
            if (gone.workers.contains(held.lease.worker())) {
                revoke(held, now);
                takeBack(held);
            }
        }
    }

    /** Takes back a lease that its worker returned. */
    public void returned(Member member, Lease lease, long now) {
        var held = owed(member, lease);
        held.ifPresent(late -> {
            var holder = holders.of(lease.worker());
            if (deadlines.isOverdue(late, now)) {
                // All that is known of a straggler that was overtaken each time.
                holder.observe(now - late.grantedNanos, late.samplesAhead);
            }
            answered(holder, lease, now);
        });
        find(lease).filter(found -> !found.isComplete()).ifPresent(this::takeBack);
    }

    /** Takes back every lease on exactly this node; holders that have not answered are told. */
    public void startOver(Work work, ShardRange node, long now) {
        for (var held : all(work)) {
            if (held.lease.shards().equals(node)) {
                revoke(held, now);
                takeBack(held);
            }
        }
    }

    /** Takes a lease back; what nobody else computes has nobody until it is granted again. */
    private void takeBack(HeldLease held) {
        leases(held.lease.work()).takeBack(held);
        out.note(
                "to be computed again: %s of %s".formatted(held.lease.shards(), held.lease.work()));
    }

    private void revoke(HeldLease held, long now) {
        if (holders.owed(held.lease).isPresent()) {
            held.revoke(now);
            membership
                    .hostOf(held.lease.worker())
                    .ifPresent(host ->
                            out.send(host.process, new ToWorker.Revoke(List.of(held.lease))));
        }
    }

    // ---- waiting

    /** Lets idle workers compute what stragglers hold; whichever result comes first is used. */
    public void relieveStragglers(long now) {
        List.copyOf(open.values()).forEach(leases -> relieveStragglers(leases, now));
    }

    private void relieveStragglers(LeaseTable leases, long now) {
        for (var held : leases.outstanding()) {
            if (leases.isAudited(held.lease.shards())
                    || !deadlines.isStraggling(held, leases, now)) {
                continue;
            }
            var idle =
                    membership.readyWorkers().stream()
                            .filter(worker -> canRelieve(leases, worker, held.lease.shards()))
                            .toList();
            if (!idle.isEmpty()) {
                out.note(
                        "straggling: %s has been out for %.2f s, allowed are %s: another computes it, too"
                                .formatted(
                                        held.lease,
                                        (now - held.grantedNanos) / 1e9,
                                        deadlines.explain(held)));
                grant(leases, leases.unbrought(held.lease.shards()), idle, now);
            } else if (held.firstOverdue()) {
                out.note("straggling: %s, but no other worker is idle".formatted(held.lease));
            }
        }
    }

    /**
     * A worker that has brought some chunks of these shards, and is late with the rest, cannot
     * help.
     */
    private boolean canRelieve(LeaseTable leases, WorkerId worker, ShardRange shards) {
        return canTake(worker, leases.work())
                && holders.of(worker).canHelp()
                && !isOnlyOnes(leases.work(), shards)
                && leases.outstandingOn(shards).stream()
                        .noneMatch(other -> other.lease.worker().equals(worker));
    }

    /** Tells whether nobody else can compute these shards. */
    private boolean isOnlyOnes(Work work, ShardRange shards) {
        return states.areKept()
                && work instanceof Work.Train
                && IntStream.range(shards.from(), shards.to())
                        .anyMatch(shard -> states.only(shard).isPresent());
    }

    /** Returns a member that owes leases and has said nothing of them for as long as is allowed. */
    public Optional<Member> mute(long now) {
        return deadlines.mute(membership, holders, now);
    }

    // ---- results

    /** Returns a lease that the member has not answered, wanted or revoked. */
    public Optional<HeldLease> owed(Member member, Lease lease) {
        return member.workers.contains(lease.worker()) ? holders.owed(lease) : Optional.empty();
    }

    /** Returns the leases that a member has not answered. */
    public List<Lease> owed(Member member) {
        return member.workers.stream()
                .flatMap(worker -> holders.of(worker).owed().stream())
                .map(held -> held.lease)
                .toList();
    }

    /** Tells whether a lease is still wanted. */
    public boolean isWanted(Lease lease) {
        return find(lease).isPresent();
    }

    private Optional<HeldLease> find(Lease lease) {
        return Optional.ofNullable(open.get(lease.work())).flatMap(leases -> leases.find(lease));
    }

    /** Notes that a part of an answer has come. */
    public void heard(HeldLease held, long now) {
        held.heard(now);
        holders.of(held.lease.worker()).heard(now);
    }

    /** Notes that nothing more will come of a lease. */
    public void answered(HeldLease held, long now) {
        answered(holders.of(held.lease.worker()), held.lease, now);
    }

    private static void answered(LeaseHolder holder, Lease lease, long now) {
        holder.answered(lease);
        holder.heard(now);
    }

    /** Learns from a wanted lease whose result is computed. */
    public void computed(HeldLease held, long computeNanos, long now) {
        deadlines.observe(held, now);
        if (held.lease.work() instanceof Work.Train) {
            holders.of(held.lease.worker())
                    .observe(computeNanos, shared(held.samples, held.lease.worker()));
        }
    }

    /**
     * Notes that the whole result of a wanted lease is in. Leases on the same shards that are still
     * out are revoked.
     */
    public void completed(HeldLease held, long now) {
        answered(held, now);
        if (states.areKept() && held.lease.work() instanceof Work.Train) {
            membership
                    .hostOf(held.lease.worker())
                    .ifPresent(host -> states.came(held.lease.shards().from(), host.process));
        }
        var leases = leases(held.lease.work());
        if (leases.isAudited(held.lease.shards())) {
            return;
        }
        for (var other : leases.outstandingOn(held.lease.shards())) {
            if (leases.isBrought(other.lease.shards())) {
                revoke(other, now);
                leases.takeBack(other);
            }
        }
    }

    /** Tells whether a member has answered all its leases. */
    public boolean owesNothing(Member member) {
        return holders.areIdle(member);
    }

    /** Lets all holders within a node of an open work send so many chunks in all. */
    public void giveCredit(Work work, ShardRange node, int allowed, long now) {
        for (var held : leases(work).outstanding()) {
            if (node.contains(held.lease.shards())) {
                giveCredit(held, allowed, now);
            }
        }
    }

    /** Lets a holder send so many chunks in all. */
    public void giveCredit(HeldLease held, int allowed, long now) {
        if (!held.allow(allowed, Math.max(1, limits.creditChunks() / 2), now)) {
            return;
        }
        membership
                .hostOf(held.lease.worker())
                .ifPresent(host ->
                        out.send(
                                host.process,
                                new ToWorker.Credit(held.lease, held.allowedChunks())));
    }
}
