package dev.tutti.common.step.coordinate;

import dev.tutti.common.average.ShardRange;
import dev.tutti.common.average.StepSum;
import dev.tutti.common.step.lease.HeldLease;
import dev.tutti.common.step.lease.Leasing;
import dev.tutti.common.step.lease.Member;
import dev.tutti.common.step.lease.Membership;
import dev.tutti.common.step.message.Decision;
import dev.tutti.common.step.message.Decision.Failure;
import dev.tutti.common.step.message.Outbox;
import dev.tutti.common.step.message.ToCoordinator;
import dev.tutti.common.step.run.Lease;
import dev.tutti.common.step.run.Rejection;
import dev.tutti.common.step.run.Work;
import dev.tutti.common.step.run.WorkerId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongFunction;
import java.util.function.ToIntFunction;
import java.util.stream.Collectors;

/**
 * A work that is open, or a node of one: it takes the results in. Those that are in order are kept
 * and added up; those that are not are refused and computed again, and too many of those end the
 * run (law 8). A machine may have several open at once. An instance is used again for one work
 * after another, for its memory.
 */
public final class OpenWork {
    private static final int FAILURES_MAX = 8;

    /** What a result led to. */
    public sealed interface Outcome {
        /** The work waits for more. */
        record Waiting() implements Outcome {}

        /** All results of the work are in. */
        record Complete() implements Outcome {}

        /**
         * All of a code has come, where nobody reads it.
         *
         * @param last part of it
         */
        @SuppressWarnings("ArrayRecordComponent") // Handed on, never compared.
        record Coded(ToCoordinator.Coded last, byte[] code) implements Outcome {}

        /** The run cannot go on. */
        record Hopeless(Failure kind, String reason) implements Outcome {}
    }

    /** A process whose bits are wrong: it must go, for good. */
    public record Expulsion(String process, String reason) {}

    /** Somebody's result was bad. */
    public record Strike(WorkerId worker, String reason) {}

    private record NotFinite(ShardRange shards, Optional<WorkerId> from) {}

    private static final Outcome WAITING = new Outcome.Waiting();

    private final Results results;
    private final GradientDecoder decoder;
    private final Auditor auditor;
    private final Leasing leasing;
    private final Membership membership;
    private final ToIntFunction<Work> creditChunks;
    private final LongFunction<String> names;
    private final Outbox out;
    private final List<NotFinite> notFinite = new ArrayList<>();
    private List<Strike> strikes = new ArrayList<>();
    private List<Expulsion> expulsions = new ArrayList<>();
    private Work work = new Work.Train(-1);
    private int failures;
    private int roomChunks;

    /**
     * Makes one that is of no work yet.
     *
     * @param decoder reads compressed gradients
     * @param creditChunks that a sender may be ahead of what has been added up, in each work
     * @param names tells which parameter an index of the flat vector belongs to
     */
    public OpenWork(
            Results results,
            GradientDecoder decoder,
            Leasing leasing,
            Membership membership,
            ToIntFunction<Work> creditChunks,
            LongFunction<String> names,
            Outbox out) {
        this.results = results;
        this.decoder = decoder;
        this.auditor = new Auditor(results.chunks(), leasing, membership, names, out);
        this.leasing = leasing;
        this.membership = membership;
        this.creditChunks = creditChunks;
        this.names = names;
        this.out = out;
    }

    /**
     * Forgets what was before.
     *
     * @param next the work
     * @param node of it whose results are to come
     * @param chunks of them that may come so far, in all
     */
    public void begin(Work next, ShardRange node, int chunks) {
        work = next;
        results.begin(node, results.batchesOf(next));
        auditor.begin(next, node);
        roomChunks = chunks;
        failures = 0;
        notFinite.clear();
    }

    /** Lets go of all that has come. */
    void drop() {
        results.begin(results.root());
        auditor.drop();
    }

    /** Returns the work. */
    public Work work() {
        return work;
    }

    /** Makes room for so many chunks in all, and lets the holders that wait for it send. */
    public void makeRoom(int chunks, long now) {
        roomChunks = Math.max(roomChunks, chunks);
        leasing.giveCredit(work, results.root(), allowedChunks(), now);
    }

    private int allowedChunks() {
        return Math.min(results.reducedChunks() + creditChunks.applyAsInt(work), roomChunks);
    }

    /** Returns who has brought bad results since the last call. */
    public List<Strike> takeStrikes() {
        var taken = strikes;
        strikes = new ArrayList<>();
        return taken;
    }

    /** Returns who has sent wrong bits since the last call. */
    public List<Expulsion> takeExpulsions() {
        var taken = expulsions;
        expulsions = new ArrayList<>();
        return taken;
    }

    /**
     * Has what is audited computed by as many processes as it takes.
     *
     * @param shunned workers that are avoided if there are others
     */
    public Outcome audit(Set<WorkerId> shunned, long now) {
        var asked = auditor.ask(shunned, now);
        return asked.hopeless().isPresent()
                ? new Outcome.Hopeless(Failure.DISPUTED, asked.hopeless().get())
                : asked.agreed().isEmpty() ? WAITING : agreed(asked.agreed(), now);
    }

    public Outcome contributed(Member member, ToCoordinator.Contribution contribution, long now) {
        var owed = leasing.owed(member, contribution.lease());
        if (owed.isEmpty()) {
            contribution.values().release();
            return stale(member, contribution.lease());
        }
        var held = owed.get();
        leasing.heard(held, now);
        if (!leasing.isWanted(held.lease)) {
            return passed(held, contribution, now);
        }
        var refusal = results.check(contribution);
        if (refusal.isPresent()) {
            passed(held, contribution, now);
            return refuse(member, held, refusal.get(), now);
        }
        if (!held.isComputed() && !contribution.isEarly()) {
            held.computed();
            leasing.computed(held, contribution.computeNanos(), now);
        }
        if (auditor.covers(held.lease)) {
            return audited(member, held, contribution, now);
        }
        leasing.states()
                .came(
                        held.lease.shards().from(),
                        contribution.totals().samples(),
                        contribution.values().elements());
        var taken = results.take(held, contribution);
        if (held.isComplete()) {
            membership.proved(member);
            leasing.completed(held, now);
        }
        // A chunk that others have brought already takes no memory: its sender may go on.
        leasing.giveCredit(held, allowedChunks(), now);
        return settled(taken, now);
    }

    private Outcome audited(
            Member member, HeldLease held, ToCoordinator.Contribution contribution, long now) {
        var agreed = new ArrayList<AuditedShard.Piece>();
        for (var sent : results.chunksOf(contribution)) {
            held.chunkArrived(sent.chunk(), true);
            auditor.take(member, held.lease, sent).ifPresent(agreed::add);
        }
        if (held.isComplete()) {
            membership.proved(member);
            auditor.answered(member, held.lease);
            leasing.completed(held, now);
        }
        // It waits for another process, not for room: who owes it could take no other work.
        leasing.giveCredit(held, results.chunks().count(), now);
        return agreed(agreed, now);
    }

    /** Uses what is known of audited shards. */
    private Outcome agreed(List<AuditedShard.Piece> agreed, long now) {
        agreed.forEach(piece -> results.put(piece.lease(), piece.sent()));
        auditor.end(now);
        for (var liar : auditor.takeLiars()) {
            distrust(liar.process(), now);
            expulsions.add(liar);
        }
        return settled(results.settle(), now);
    }

    /** Has everything computed again that a process has sent of this work, as far as it can be. */
    private void distrust(String process, long now) {
        for (var held : leasing.all(work)) {
            var shards = held.lease.shards();
            if (auditor.covers(held.lease)
                    || membership
                            .hostOf(held.lease.worker())
                            .filter(host -> host.identity.equals(process))
                            .isEmpty()) {
                continue;
            }
            if (held.isComplete() && results.reducedChunks() > 0) {
                membership.trail(process).contributed(work.step() + 1, shards.size());
            }
            leasing.startOver(work, shards, now);
            results.withdraw(shards);
        }
    }

    /** Takes a part of a compressed gradient in; all of it is taken as any contribution is. */
    public Outcome coded(Member member, ToCoordinator.Coded part, long now) {
        var owed = leasing.owed(member, part.lease());
        if (owed.isEmpty()) {
            return stale(member, part.lease());
        }
        var held = owed.get();
        leasing.heard(held, now);
        if (!leasing.isWanted(held.lease)) {
            if (part.bytes().isLast()) {
                leasing.answered(held, now);
            }
            return WAITING;
        }
        var refusal = held.code().take(part.bytes(), decoder.bytesMax());
        if (refusal.isPresent()) {
            return refuseCode(member, held, refusal.get(), now);
        }
        var whole = held.code().whole();
        if (whole.isEmpty()) {
            return WAITING;
        }
        if (decoder.handsOn()) {
            return passedOn(member, held, part, whole.get(), now);
        }
        try {
            var values = decoder.decode(part.lease(), part.totals(), whole.get(), leasing.states());
            return contributed(
                    member,
                    new ToCoordinator.Contribution(
                            part.lease(), part.totals(), part.computeNanos(), 0, values),
                    now);
        } catch (IllegalArgumentException e) {
            return refuseCode(member, held, "sent " + e.getMessage(), now);
        }
    }

    private Outcome refuseCode(Member member, HeldLease held, String why, long now) {
        leasing.answered(held, now);
        var detail = "%s %s".formatted(held.lease, why);
        return refuse(member, held, new Rejection(Rejection.Kind.LENGTH, detail), now);
    }

    private Outcome passedOn(
            Member member, HeldLease held, ToCoordinator.Coded last, byte[] code, long now) {
        var refusal = results.check(last);
        if (refusal.isPresent()) {
            leasing.answered(held, now);
            return refuse(member, held, refusal.get(), now);
        }
        held.resultArrived();
        membership.proved(member);
        leasing.computed(held, last.computeNanos(), now);
        leasing.completed(held, now);
        return new Outcome.Coded(last, code);
    }

    public Outcome evaluated(Member member, ToCoordinator.Evaluated evaluated, long now) {
        var owed = leasing.owed(member, evaluated.lease());
        if (owed.isEmpty()) {
            return stale(member, evaluated.lease());
        }
        var held = owed.get();
        var refusal =
                leasing.isWanted(held.lease)
                        ? results.check(evaluated)
                        : Optional.<Rejection>empty();
        if (refusal.isPresent()) {
            leasing.answered(held, now);
            return refuse(member, held, refusal.get(), now);
        }
        if (!leasing.isWanted(held.lease)) {
            leasing.answered(held, now);
            return WAITING;
        }
        results.take(held, evaluated);
        membership.proved(member);
        leasing.computed(held, evaluated.computeNanos(), now);
        leasing.completed(held, now);
        return results.isEvaluationComplete() ? new Outcome.Complete() : WAITING;
    }

    public Outcome failed(Member member, ToCoordinator.Failed failed, long now) {
        var owed = leasing.owed(member, failed.lease());
        if (owed.isEmpty()) {
            return stale(member, failed.lease());
        }
        var held = owed.get();
        leasing.answered(held, now);
        if (!leasing.isWanted(held.lease)) {
            return WAITING;
        }
        var reason = "%s failed: %s".formatted(failed.lease(), failed.reason());
        var from = Optional.of(held.lease.worker());
        return failed.notFinite() && isConfirmed(held.lease.shards(), from)
                ? diverged(reason)
                : again(held, reason, now);
    }

    /** Counts a lease that was never answered among the failures. */
    public Outcome unanswered(String reason) {
        return ++failures >= FAILURES_MAX ? hopeless(reason) : WAITING;
    }

    private String worksNow() {
        return leasing.works().stream().map(Work::toString).collect(Collectors.joining(", "));
    }

    private Outcome stale(Member member, Lease lease) {
        out.reject(
                member.process,
                Rejection.Kind.STALE,
                "result for %s, which is not out (now at %s)".formatted(lease, worksNow()));
        return WAITING;
    }

    /** Notes a contribution that nobody wants; the last one ends its lease. */
    private Outcome passed(HeldLease held, ToCoordinator.Contribution contribution, long now) {
        results.pass(held, contribution);
        contribution.values().release();
        if (held.isComplete()) {
            leasing.answered(held, now);
        }
        return WAITING;
    }

    private Outcome settled(Results.Taken taken, long now) {
        return switch (taken) {
            case WAITING -> WAITING;
            case REDUCED -> {
                leasing.giveCredit(work, results.root(), allowedChunks(), now);
                yield results.isStepComplete() ? new Outcome.Complete() : WAITING;
            }
            case NOT_FINITE -> notFinite(now);
        };
    }

    // ---- bad results

    private Outcome refuse(Member member, HeldLease held, Rejection why, long now) {
        out.add(new Decision.Rejected(member.process, why));
        var from = Optional.of(held.lease.worker());
        return why.kind() == Rejection.Kind.NOT_FINITE && isConfirmed(held.lease.shards(), from)
                ? diverged(why.detail())
                : again(held, why.detail(), now);
    }

    private Outcome notFinite(long now) {
        var place = results.firstNotFinite();
        var culprit =
                leasing.all(work).stream()
                        .filter(held -> results.isCulprit(held, place))
                        .findFirst();
        var detail = describe(place, culprit);
        if (auditor.hasAgreed(place.shards())) {
            return diverged(detail);
        }
        if (culprit.isEmpty() && place.shards().equals(results.root())) {
            return new Outcome.Hopeless(
                    Failure.DIVERGED, detail + ": the sum over " + place.shards() + " overflows");
        }
        if (isConfirmed(place.shards(), culprit.map(held -> held.lease.worker()))) {
            return diverged(detail);
        }
        if (culprit.isPresent()) {
            return again(culprit.get(), detail, now);
        }
        out.note(detail);
        return startOver(place.shards(), now);
    }

    private String describe(StepSum.NotFinite place, Optional<HeldLease> culprit) {
        return "gradient of %s is %s at %s"
                .formatted(
                        culprit.map(held -> held.lease.toString())
                                .orElse(place.shards().toString()),
                        place.value(),
                        names.apply(place.index()));
    }

    /**
     * Tells whether another worker, or the only one, has found the same before; notes it if not.
     */
    private boolean isConfirmed(ShardRange shards, Optional<WorkerId> from) {
        var alone = membership.readyWorkers().size() < 2;
        var confirmed =
                notFinite.stream()
                        .filter(earlier ->
                                earlier.shards().contains(shards)
                                        || shards.contains(earlier.shards()))
                        .anyMatch(earlier -> alone || !earlier.from().equals(from));
        notFinite.add(new NotFinite(shards, from));
        return confirmed;
    }

    private Outcome again(HeldLease held, String reason, long now) {
        var worker = held.lease.worker();
        strikes.add(new Strike(worker, reason));
        if (++failures >= FAILURES_MAX) {
            return hopeless(reason);
        }
        out.note(reason);
        return startOver(held.lease.shards(), now);
    }

    /** Drops everything that has come of a node from any worker: it must be computed again. */
    private Outcome startOver(ShardRange shards, long now) {
        leasing.startOver(work, shards, now);
        results.withdraw(shards);
        auditor.withdraw(shards);
        return settled(results.settle(), now);
    }

    private Outcome hopeless(String reason) {
        return new Outcome.Hopeless(
                Failure.SHARD_FAILED,
                "%d results of %s were refused or failed, the last one: %s"
                        .formatted(failures, work, reason));
    }

    private static Outcome diverged(String detail) {
        return new Outcome.Hopeless(Failure.DIVERGED, detail + "; computed again it was no better");
    }
}
