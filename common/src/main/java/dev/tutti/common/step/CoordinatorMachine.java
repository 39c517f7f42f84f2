package dev.tutti.common.step;

import dev.tutti.common.average.Chunks;
import dev.tutti.common.average.ShardTree;
import dev.tutti.common.kernel.Floats;
import dev.tutti.common.optim.UpdateRule;
import dev.tutti.common.step.Decision.Failure;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Optional;
import java.util.function.LongFunction;

/**
 * The coordinator's brain: events and the time go in, decisions come out. It knows no gRPC, actor,
 * file or clock, so the actor, the tests and a simulator are shells around the same rules.
 *
 * <p>The run is a sequence of works: steps, with the validation part after each epoch and the test
 * part at the end. Each work is given out as leases on nodes of the shard tree; when all results
 * are in, the next work begins. An instance serves one thread.
 *
 * <p>What it knows lies in four places: {@link Membership} (who is there), {@link Leasing} (who
 * computes what), {@link Intake} (what has come in) and {@link TrainingCourse} (how far the run is,
 * which alone survives a restart).
 */
public final class CoordinatorMachine {
    private final RunSpec spec;
    private final Limits limits;
    private final Chunks chunks;
    private final Membership membership;
    private final Leasing leasing;
    private final Results results;
    private final Intake intake;
    private final TrainingCourse course;
    private final Outbox out = new Outbox();

    private Phase phase = Phase.WAITING;
    private long phaseNanos;
    private boolean started;

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
        var tree = new ShardTree(spec.shards());
        this.spec = spec;
        this.limits = limits;
        this.chunks = new Chunks(Floats.count(state.weights()), spec.chunkFloats());
        this.membership = new Membership(limits);
        this.leasing = new Leasing(tree, limits, membership, out);
        this.results = new Results(arena, tree, chunks, plan);
        this.course = new TrainingCourse(arena, tree, plan, steps, rule, stopping, state);
        this.intake = new Intake(results, leasing, course, names, out);
        begin(course.first(), nowNanos);
    }

    /** Takes an event at a time and returns what to do about it, in order. */
    public List<Decision> on(CoordinatorEvent event, long nowNanos) {
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
        return out.take();
    }

    /** Returns the weights, as of {@link #version}. */
    public MemorySegment weights() {
        return course.weights();
    }

    /** Returns how many steps have been taken. */
    public long version() {
        return course.version();
    }

    /** Returns the cut of the weights for sending. */
    public Chunks chunks() {
        return chunks;
    }

    /**
     * Returns where the run stands. The vectors are views, which the next event may change: copy
     * them before.
     */
    public SavedRun saved() {
        return course.saved(leasing.work(), membership.fingerprint());
    }

    /** Goes on from where a run of the same configuration stood; before the first event only. */
    public void resume(SavedRun from, long nowNanos) {
        course.resume(from);
        membership.expect(from.fingerprint());
        begin(from.next(), nowNanos);
    }

    /** Ends without a farewell: the run will go on from where it stands. */
    public void halt() {
        phase = Phase.OVER;
    }

    // ---- membership

    private void joined(ProcessId process, ToCoordinator.Join join, long now) {
        var refusal = membership.refusal(join);
        if (refusal.isPresent()) {
            out.add(new Decision.Refuse(process, refusal.get()));
            return;
        }
        membership
                .kernelDifference(join.info())
                .ifPresent(line -> out.note(line + "; the weights will depend on who works"));
        var member = membership.join(process, join.info(), now);
        out.add(new Decision.Admitted(process, join.info(), member.workers));
        out.send(
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
        out.add(
                new Decision.Drop(
                        member.process,
                        member.workers,
                        "lost: " + member.describe() + ": " + reason));
        leasing.takeBackFrom(member);
        if (phase == Phase.WORKING && membership.readyWorkers().isEmpty()) {
            phase = Phase.WAITING;
            phaseNanos = now;
            out.note("no workers left: waiting up to %d s".formatted(limits.waitMax().toSeconds()));
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
            leasing.moveOverdue(course.version(), now);
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

    // ---- messages

    private void received(ProcessId process, ToCoordinator message, long now) {
        var found = membership.find(process);
        if (found.isEmpty() || phase == Phase.OVER) {
            release(message);
            if (phase != Phase.OVER) {
                out.reject(
                        process,
                        Rejection.Kind.NOT_A_MEMBER,
                        process + " is not a member of the run");
            }
            return;
        }
        var member = found.get();
        switch (message) {
            case ToCoordinator.Join _ ->
                    out.reject(process, Rejection.Kind.PROTOCOL, process + " joined twice");
            case ToCoordinator.Ready() -> {
                member.becomeReady();
                proceed(now);
            }
            case ToCoordinator.Contribution contribution ->
                    settle(intake.contributed(member, contribution, now), now);
            case ToCoordinator.Evaluated evaluated ->
                    settle(intake.evaluated(member, evaluated, now), now);
            case ToCoordinator.Failed failed -> settle(intake.failed(member, failed, now), now);
        }
    }

    private static void release(ToCoordinator message) {
        if (message instanceof ToCoordinator.Contribution contribution) {
            contribution.values().release();
        }
    }

    private void settle(Intake.Outcome outcome, long now) {
        switch (outcome) {
            case Intake.Outcome.Waiting() -> {}
            case Intake.Outcome.Complete() -> {
                switch (leasing.work()) {
                    case Work.Train done -> takeStep(done, now);
                    case Work.Evaluate done -> evaluated(done, now);
                }
            }
            case Intake.Outcome.Hopeless(var kind, var reason) -> abort(kind, reason);
        }
    }

    // ---- the sequence of works

    private void takeStep(Work done, long now) {
        out.add(
                new Decision.StepTaken(
                        course.takeStep(
                                results.totals(),
                                results.gradientSum(),
                                results.shares(leasing.all()),
                                now - phaseNanos)));
        course.closeEpoch().ifPresent(entry -> out.add(new Decision.EpochEnded(entry)));
        next(course.after(done), now);
    }

    private void evaluated(Work.Evaluate done, long now) {
        var totals = results.totals();
        out.add(course.evaluated(done.part(), totals));
        next(
                switch (done.part()) {
                    case VALIDATION -> course.afterValidation(done, totals.meanLoss(), out);
                    case TEST -> course.after(done);
                },
                now);
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
        leasing.begin(work, work instanceof Work.Train ? chunks.count() : 0);
        intake.begin();
        phaseNanos = now;
    }

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
        leasing.grantOrphans(ready, course.version(), now);
    }

    private void complete() {
        end(new ToWorker.Goodbye(true, "the run is complete"));
        out.add(new Decision.Completed());
    }

    private void abort(Failure kind, String reason) {
        if (phase == Phase.OVER) {
            return;
        }
        end(new ToWorker.Goodbye(false, reason));
        out.add(new Decision.Aborted(kind, reason));
    }

    private void end(ToWorker.Goodbye goodbye) {
        phase = Phase.OVER;
        membership.all().forEach(member -> out.send(member.process, goodbye));
    }
}
