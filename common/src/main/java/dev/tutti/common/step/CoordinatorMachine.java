package dev.tutti.common.step;

import dev.tutti.common.average.Chunks;
import dev.tutti.common.average.ShardTree;
import dev.tutti.common.kernel.Floats;
import dev.tutti.common.optim.UpdateRule;
import dev.tutti.common.step.Decision.Failure;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.LongFunction;

/**
 * The coordinator's brain: events and the time go in, decisions come out. It knows no gRPC, actor,
 * file or clock, so the actor, the tests and a simulator are shells around the same rules.
 *
 * <p>The run is a sequence of works: steps, with the validation part after each epoch and the test
 * part at the end. Each work is given out as leases on nodes of the shard tree; when all results
 * are in, the next work begins. An instance serves one thread.
 */
public final class CoordinatorMachine {
    private static final int FAILURES_MAX = 8;
    private static final int NOT_FINITE_MAX = 2;

    private final RunSpec spec;
    private final SamplePlan plan;
    private final WorkSequence works;
    private final Limits limits;
    private final UpdateRule rule;
    private final TrainingState state;
    private final LongFunction<String> names;
    private final Chunks chunks;
    private final ShardTree tree;
    private final Membership membership;
    private final LeaseTable leases;
    private final Results results;
    private final BestWeights best;
    private final Ledger ledger = new Ledger();
    private final AdaptiveDeadline trainDeadline;
    private final AdaptiveDeadline evaluateDeadline;

    private Phase phase = Phase.WAITING;
    private long version;
    private long phaseNanos;
    private boolean started;
    private int failures;
    private int notFinite;
    private List<Decision> decisions = new ArrayList<>();

    private enum Phase {
        /** Too few workers for the first step, or none left. */
        WAITING,
        WORKING,
        OVER
    }

    /**
     * Makes the brain of a run.
     *
     * @param arena for the gradient sum and the chunks' scratch
     * @param plan which samples make up a shard
     * @param steps steps that the run has in all
     * @param stopping when to end before the last step
     * @param state starting weights and slots, changed in place
     * @param names tells which parameter an index of the flat vector belongs to
     * @param nowNanos the time
     */
    public CoordinatorMachine(
            Arena arena,
            RunSpec spec,
            SamplePlan plan,
            long steps,
            Limits limits,
            UpdateRule rule,
            EarlyStopping stopping,
            TrainingState state,
            LongFunction<String> names,
            long nowNanos) {
        this.spec = spec;
        this.plan = plan;
        this.works = new WorkSequence(plan, steps);
        this.limits = limits;
        this.rule = rule;
        this.state = state;
        this.names = names;
        this.chunks = new Chunks(Floats.count(state.weights()), spec.chunkFloats());
        this.membership = new Membership(limits);
        this.tree = new ShardTree(spec.shards());
        this.leases = new LeaseTable(tree, limits.creditChunks());
        this.results = new Results(arena, tree, chunks, plan);
        this.best = new BestWeights(arena, stopping, chunks.length());
        this.trainDeadline = leaseDeadline(limits);
        this.evaluateDeadline = leaseDeadline(limits);
        this.phaseNanos = nowNanos;
        begin(works.at(version), nowNanos);
    }

    /** Takes an event at a time and returns what to do about it, in order. */
    public List<Decision> on(CoordinatorEvent event, long nowNanos) {
        decisions = new ArrayList<>();
        switch (event) {
            case CoordinatorEvent.Received(var process, var message) ->
                    received(process, message, nowNanos);
            case CoordinatorEvent.Joined(var process, var join) -> joined(process, join, nowNanos);
            case CoordinatorEvent.Beat(var process) ->
                    membership.find(process).ifPresent(member -> member.beat(nowNanos));
            case CoordinatorEvent.Left(var process, var reason) ->
                    membership.find(process).ifPresent(member -> lose(member, reason, nowNanos));
            case CoordinatorEvent.TimePassed() -> timePassed(nowNanos);
        }
        return decisions;
    }

    /** Returns the weights, as of {@link #version}. */
    public MemorySegment weights() {
        return state.weights();
    }

    /** Returns how many steps have been taken. */
    public long version() {
        return version;
    }

    /** Returns the cut of the weights for sending. */
    public Chunks chunks() {
        return chunks;
    }

    // ---- membership

    private void joined(ProcessId process, ToCoordinator.Join join, long now) {
        var refusal = membership.refusal(join);
        if (refusal.isPresent()) {
            decisions.add(new Decision.Refuse(process, refusal.get()));
            return;
        }
        membership
                .kernelDifference(join.info())
                .ifPresent(line -> note(line + "; the weights will depend on who works"));
        var member = membership.join(process, join.info(), now);
        decisions.add(new Decision.Admitted(process, join.info(), member.workers));
        send(
                process,
                new ToWorker.Welcome(
                        process,
                        member.workers,
                        spec,
                        limits.creditChunks(),
                        limits.beat().toMillis()));
    }

    private void lose(Member member, String reason, long now) {
        membership.remove(member.process);
        if (phase == Phase.OVER) {
            return;
        }
        decisions.add(
                new Decision.Drop(
                        member.process,
                        member.workers,
                        "lost: " + member.describe() + ": " + reason));
        for (var held : leases.outstanding()) {
            if (member.workers.contains(held.lease.worker())) {
                takeBack(held);
            }
        }
        if (phase == Phase.WORKING && membership.readyWorkers().isEmpty()) {
            phase = Phase.WAITING;
            phaseNanos = now;
            note("no workers left: waiting up to %d s".formatted(limits.waitMax().toSeconds()));
        }
        proceed(now);
    }

    private void timePassed(long now) {
        for (var member : membership.all()) {
            if (member.isSilent(now)) {
                lose(member, member.explainSilence(now), now);
            }
        }
        if (phase == Phase.WORKING) {
            moveOverdueLeases(now);
        } else if (phase == Phase.WAITING && now - phaseNanos > limits.waitMax().toNanos()) {
            abort(
                    Failure.NO_WORKERS,
                    "waited %d s for workers: %d ready, %d needed"
                            .formatted(
                                    limits.waitMax().toSeconds(),
                                    membership.readyWorkers().size(),
                                    workersNeeded()));
        }
    }

    private int workersNeeded() {
        return started ? 1 : limits.minWorkers();
    }

    // ---- leases

    /** Gives out what waits for a worker, if there are workers enough. */
    private void proceed(long now) {
        var ready = membership.readyWorkers();
        if (phase == Phase.OVER || ready.size() < workersNeeded()) {
            return;
        }
        if (phase == Phase.WAITING) {
            phase = Phase.WORKING;
            phaseNanos = now;
            started = true;
        }
        grantOrphans(ready, now);
    }

    private void grantOrphans(List<WorkerId> workers, long now) {
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
                decisions.add(new Decision.Publish(process, version));
            }
            send(process, new ToWorker.Grant(List.copyOf(granted)));
        });
    }

    private void moveOverdueLeases(long now) {
        var deadline = deadlineOf(leases.work());
        for (var held : leases.outstanding()) {
            if (now - held.grantedNanos <= deadline.nanos()) {
                continue;
            }
            var others = membership.readyWorkersBut(held.lease.worker());
            if (others.isEmpty()) {
                if (held.tellOverdue()) {
                    note("overdue: %s, but there is no other worker".formatted(held.lease));
                }
                continue;
            }
            note("overdue: %s, allowed were %s".formatted(held.lease, deadline.explain()));
            revoke(held);
            takeBack(held);
            grantOrphans(others, now);
        }
    }

    private void takeBack(HeldLease held) {
        leases.takeBack(held);
        note("to be computed again: %s of %s".formatted(held.lease.shards(), held.lease.work()));
    }

    private void revoke(HeldLease held) {
        membership
                .hostOf(held.lease.worker())
                .ifPresent(host -> send(host.process, new ToWorker.Revoke(List.of(held.lease))));
    }

    // ---- results

    private void received(ProcessId process, ToCoordinator message, long now) {
        var member = membership.find(process);
        if (member.isEmpty() || phase == Phase.OVER) {
            release(message);
            if (phase != Phase.OVER) {
                reject(
                        process,
                        Rejection.Kind.NOT_A_MEMBER,
                        process + " is not a member of the run");
            }
            return;
        }
        switch (message) {
            case ToCoordinator.Join _ ->
                    reject(process, Rejection.Kind.PROTOCOL, process + " joined twice");
            case ToCoordinator.Ready() -> {
                member.get().becomeReady();
                proceed(now);
            }
            case ToCoordinator.Contribution contribution ->
                    contributed(member.get(), contribution, now);
            case ToCoordinator.Evaluated evaluated -> evaluated(member.get(), evaluated, now);
            case ToCoordinator.Failed(var lease, var reason) ->
                    current(member.get(), lease)
                            .ifPresent(held ->
                                    fail(held, "%s failed: %s".formatted(lease, reason), now));
        }
    }

    private void contributed(Member member, ToCoordinator.Contribution contribution, long now) {
        var held = current(member, contribution.lease());
        var refusal = held.flatMap(_ -> results.check(contribution));
        if (held.isEmpty() || refusal.isPresent()) {
            contribution.values().release();
            refusal.ifPresent(why -> refuse(member, held.orElseThrow(), why, now));
            return;
        }
        var reduced = results.take(held.get(), contribution);
        if (held.get().isComplete()) {
            trainDeadline.observe(now - held.get().grantedNanos);
        }
        switch (reduced) {
            // A chunk that others have brought already takes no memory: its sender may go on.
            case Results.Taken.WAITING -> giveCredit(held.get());
            case Results.Taken.REDUCED -> {
                leases.outstanding().forEach(this::giveCredit);
                if (results.isStepComplete()) {
                    takeStep(now);
                }
            }
            case Results.Taken.NOT_FINITE -> notFinite(now);
        }
    }

    private void evaluated(Member member, ToCoordinator.Evaluated evaluated, long now) {
        var held = current(member, evaluated.lease());
        if (held.isEmpty()) {
            return;
        }
        var refusal = results.check(evaluated);
        if (refusal.isPresent()) {
            refuse(member, held.get(), refusal.get(), now);
            return;
        }
        results.take(held.get(), evaluated);
        evaluateDeadline.observe(now - held.get().grantedNanos);
        if (results.isEvaluationComplete()
                && evaluated.lease().work() instanceof Work.Evaluate done) {
            var totals = results.totals();
            decisions.add(
                    new Decision.PartEvaluated(
                            version, plan.batch(version - 1).epoch(), done.part(), totals));
            if (done.part() == Part.VALIDATION) {
                validated(totals.meanLoss(), done, now);
            } else {
                next(works.after(done), now);
            }
        }
    }

    /**
     * Goes on with training, or ends it early; the result is the best weights, if they are kept.
     */
    private void validated(double loss, Work done, long now) {
        var stops = best.enter(loss, version, state.weights());
        var after = works.after(done);
        if (!stops && after.isPresent() && after.get() instanceof Work.Train) {
            next(after, now);
            return;
        }
        if (stops && version < works.steps()) {
            note("stopped early after step %d, validation loss %.6f".formatted(version, loss));
        }
        if (best.isBetterThan(version)) {
            best.restore(state.weights());
            version = best.version();
            note("the result is the weights after step %d, the best".formatted(version));
        }
        next(works.end(version), now);
    }

    /** Returns the lease as it is out; a stale one is rejected and gives empty. */
    private Optional<HeldLease> current(Member member, Lease lease) {
        var held =
                leases.find(lease)
                        .filter(found -> member.workers.contains(found.lease.worker()))
                        .filter(found -> !found.isComplete());
        if (held.isEmpty()) {
            reject(
                    member.process,
                    Rejection.Kind.STALE,
                    "result for %s, which is not out (now at %s)".formatted(lease, leases.work()));
        }
        return held;
    }

    /** Lets a holder send as far as memory for chunks in flight goes. */
    private void giveCredit(HeldLease held) {
        var allowed = results.reducedChunks() + limits.creditChunks();
        if (!held.allow(allowed, Math.max(1, limits.creditChunks() / 2))) {
            return;
        }
        membership
                .hostOf(held.lease.worker())
                .ifPresent(host ->
                        send(host.process, new ToWorker.Credit(held.lease, held.allowedChunks())));
    }

    private void refuse(Member member, HeldLease held, Rejection why, long now) {
        decisions.add(new Decision.Rejected(member.process, why));
        if (why.kind() == Rejection.Kind.NOT_FINITE) {
            countNotFinite(why.detail());
        }
        fail(held, why.detail(), now);
    }

    private void fail(HeldLease held, String reason, long now) {
        if (phase == Phase.OVER) {
            return;
        }
        if (++failures >= FAILURES_MAX) {
            abort(
                    Failure.SHARD_FAILED,
                    "%d results of %s were refused or failed, the last one: %s"
                            .formatted(failures, leases.work(), reason));
            return;
        }
        note(reason);
        results.withdraw(held.lease.shards());
        takeBack(held);
        var others = membership.readyWorkersBut(held.lease.worker());
        grantOrphans(others.isEmpty() ? membership.readyWorkers() : others, now);
    }

    private void notFinite(long now) {
        var place = results.firstNotFinite();
        var culprit =
                leases.all().stream()
                        .filter(held -> held.lease.shards().equals(place.shards()))
                        .findFirst();
        var detail =
                "gradient of %s is %s at %s"
                        .formatted(
                                culprit.map(held -> held.lease.toString())
                                        .orElse(place.shards().toString()),
                                place.value(),
                                names.apply(place.index()));
        countNotFinite(detail);
        if (culprit.isEmpty() && place.shards().size() == spec.shards()) {
            abort(Failure.DIVERGED, detail + ": the sum over the batch overflows");
        }
        if (phase != Phase.OVER) {
            results.withdraw(place.shards());
            culprit.ifPresent(held -> fail(held, detail, now));
        }
    }

    private void countNotFinite(String detail) {
        if (++notFinite >= NOT_FINITE_MAX) {
            abort(
                    Failure.DIVERGED,
                    "%s; computed again it was no better: training has diverged at %s, try a lower rate than %s"
                            .formatted(detail, leases.work(), rule.rate(version)));
        }
    }

    // ---- the sequence of works

    private void takeStep(long now) {
        var work = leases.work();
        var batch = plan.batch(version);
        var totals = results.totals();
        var rate = rule.rate(version);
        var mean = results.gradientSum();
        Floats.divide(totals.samples(), mean);
        rule.apply(version, state.trained(), mean, state.slots(), state.weights());
        ledger.enter(plan.slice(work, tree.root()), totals);
        version++;
        decisions.add(
                new Decision.StepTaken(
                        new StepReport(
                                version,
                                batch.epoch(),
                                totals,
                                rate,
                                results.shares(leases.all()),
                                now - phaseNanos)));
        if (works.endsEpoch(version)) {
            decisions.add(new Decision.EpochEnded(ledger.close(batch.epoch())));
        }
        next(works.after(work), now);
    }

    private void next(Optional<Work> after, long now) {
        if (after.isEmpty()) {
            complete();
            return;
        }
        begin(after.get(), now);
        proceed(now);
    }

    private void begin(Work work, long now) {
        leases.begin(work, work instanceof Work.Train ? chunks.count() : 0);
        results.clear();
        failures = 0;
        notFinite = 0;
        phaseNanos = now;
    }

    private void complete() {
        end(new ToWorker.Goodbye(true, "the run is complete"));
        decisions.add(new Decision.Completed());
    }

    private void abort(Failure kind, String reason) {
        if (phase == Phase.OVER) {
            return;
        }
        end(new ToWorker.Goodbye(false, reason));
        decisions.add(new Decision.Aborted(kind, reason));
    }

    private void end(ToWorker.Goodbye goodbye) {
        phase = Phase.OVER;
        membership.all().forEach(member -> send(member.process, goodbye));
    }

    private AdaptiveDeadline deadlineOf(Work work) {
        return work instanceof Work.Train ? trainDeadline : evaluateDeadline;
    }

    private static AdaptiveDeadline leaseDeadline(Limits limits) {
        return new AdaptiveDeadline(10, limits.leaseMin().toNanos(), limits.leaseMax().toNanos());
    }

    private static void release(ToCoordinator message) {
        if (message instanceof ToCoordinator.Contribution contribution) {
            contribution.values().release();
        }
    }

    private void send(ProcessId process, ToWorker message) {
        decisions.add(new Decision.Send(process, message));
    }

    private void reject(ProcessId process, Rejection.Kind kind, String detail) {
        decisions.add(new Decision.Rejected(process, new Rejection(kind, detail)));
    }

    private void note(String line) {
        decisions.add(new Decision.Note(line));
    }
}
