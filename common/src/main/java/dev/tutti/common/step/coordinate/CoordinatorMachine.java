package dev.tutti.common.step.coordinate;

import dev.tutti.common.average.AveragingRule;
import dev.tutti.common.average.Chunks;
import dev.tutti.common.average.ShardTree;
import dev.tutti.common.optim.UpdateRule;
import dev.tutti.common.step.course.PublishedWeights;
import dev.tutti.common.step.course.SavedRun;
import dev.tutti.common.step.course.TrainingCourse;
import dev.tutti.common.step.course.TrainingState;
import dev.tutti.common.step.lease.AwakeClock;
import dev.tutti.common.step.lease.Leasing;
import dev.tutti.common.step.lease.Member;
import dev.tutti.common.step.lease.Membership;
import dev.tutti.common.step.lease.Quorum;
import dev.tutti.common.step.message.CoordinatorEvent;
import dev.tutti.common.step.message.Decision;
import dev.tutti.common.step.message.Decision.Failure;
import dev.tutti.common.step.message.DecisionQueue;
import dev.tutti.common.step.message.ToCoordinator;
import dev.tutti.common.step.message.ToWorker;
import dev.tutti.common.step.run.EarlyStopping;
import dev.tutti.common.step.run.Limits;
import dev.tutti.common.step.run.ProcessId;
import dev.tutti.common.step.run.Rejection;
import dev.tutti.common.step.run.RunSpec;
import dev.tutti.common.step.run.SamplePlan;
import dev.tutti.common.step.run.Work;
import dev.tutti.common.step.run.WorkerId;
import dev.tutti.common.vector.Floats;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongFunction;
import java.util.stream.Collectors;

/**
 * The coordinator's brain: events and the time go in, decisions come out. It knows no gRPC, actor,
 * file or clock, so the actor, the tests and a simulator are shells around the same rules.
 *
 * <p>The run is a sequence of works: steps, with the validation part after each epoch and the test
 * part at the end; a step begins with as many rounds as its model asks of the whole batch. Each
 * work is given out as leases on nodes of the shard tree; when all results are in, the next work
 * begins. An instance serves one thread.
 *
 * <p>What it knows lies in four places: {@link Membership} (who is there), {@link Leasing} (who
 * computes what), {@link Intake} (what has come in) and {@link TrainingCourse} (how far the run is,
 * which alone survives a restart).
 */
public final class CoordinatorMachine {
    private final Chunks chunks;
    private final ShardTree tree;
    private final Membership membership;
    private final Leasing leasing;
    private final Company company;
    private final Results results;
    private final Intake intake;
    private final TrainingCourse course;
    private final Quorum quorum;
    private final DecisionQueue out = new DecisionQueue();
    private final AwakeClock clock = new AwakeClock();

    private long workNanos;
    private boolean over;

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
        this(
                arena,
                spec,
                spec.averagingRule(),
                plan,
                steps,
                limits,
                rule,
                stopping,
                state,
                names,
                nowNanos);
    }

    /** Makes the brain of a run with a rule that need not be in the catalogue. */
    public CoordinatorMachine(
            Arena arena,
            RunSpec spec,
            AveragingRule average,
            SamplePlan plan,
            long steps,
            Limits limits,
            UpdateRule rule,
            EarlyStopping stopping,
            TrainingState state,
            LongFunction<String> names,
            long nowNanos) {
        if (state.wire() != spec.wire().precision()) {
            throw new IllegalArgumentException(
                    "weights of %s in a run of %s"
                            .formatted(state.wire().text(), spec.wire().precision().text()));
        }
        this.tree = new ShardTree(spec.shards());
        this.chunks = new Chunks(Floats.count(state.weights()), spec.chunkFloats());
        this.membership = new Membership(limits.members());
        var rounds = spec.rounds();
        this.leasing =
                new Leasing(
                        tree, plan, limits.members(), membership, rounds, average.isLinear(), out);
        this.company = new Company(spec, limits.members(), membership, leasing, out);
        this.course =
                new TrainingCourse(
                        arena,
                        tree,
                        chunks,
                        plan,
                        steps,
                        rounds.size(),
                        average,
                        rule,
                        stopping,
                        state,
                        this::stepped);
        var check = new ResultCheck(plan, chunks, rounds, spec.wire());
        this.results = new Results(arena, tree, check, average, course.sums());
        var credit = limits.members().creditChunks();
        // Where no chunk is reduced before all are there, all must be allowed to come.
        var ahead = average.isByCoordinate() ? credit : Math.max(credit, chunks.count());
        this.intake = new Intake(results, leasing, membership, ahead, names, out);
        this.quorum = new Quorum(limits, nowNanos);
        begin(course.first(), nowNanos);
    }

    /** Takes an event at a time and returns what to do about it, in order. */
    public List<Decision> on(CoordinatorEvent event, long nowNanos) {
        var now = clock.at(nowNanos);
        switch (event) {
            case CoordinatorEvent.Received(var process, var message) ->
                    received(process, message, now);
            case CoordinatorEvent.Joined(var process, var join) ->
                    company.admit(process, join, now);
            case CoordinatorEvent.Beat(var process) ->
                    membership.find(process).ifPresent(member -> member.beat(now));
            case CoordinatorEvent.Left(var process, var reason) ->
                    membership.find(process).ifPresent(member -> lose(member, reason, now));
            case CoordinatorEvent.TimePassed() -> timePassed(now);
        }
        return out.take();
    }

    /** Returns the weights as they can be sent. */
    public PublishedWeights published() {
        return new PublishedWeights(course.sent(), chunks, course.version(), chunks.count());
    }

    /**
     * Returns where the weights after the step at hand are written; of them, only the chunks that
     * {@link Decision.ChunkStepped} named are there.
     */
    public PublishedWeights ahead() {
        return new PublishedWeights(course.nextSent(), chunks, course.version() + 1, 0);
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
        var next = course.resume(from);
        membership.expect(from.fingerprint());
        begin(next, nowNanos);
    }

    /** Ends without a farewell: the run will go on from where it stands. */
    public void halt() {
        over = true;
        results.begin(tree.root());
    }

    private void stepped(int chunk) {
        out.add(new Decision.ChunkStepped(course.version() + 1, chunk));
    }

    // ---- membership

    private void lose(Member member, String reason, long now) {
        if (over) {
            membership.remove(member.process);
            return;
        }
        company.lose(member, reason, now);
        membersChanged(now);
    }

    private void lose(Company.Loss loss, long now) {
        membership
                .find(loss.member().process)
                .ifPresent(member -> lose(member, loss.reason(), now));
    }

    /** Those that are there now take over what others have left or are late with. */
    private void membersChanged(long now) {
        if (over) {
            return;
        }
        quorum.pause(membership.capacity(), now).ifPresent(out::warn);
        proceed(Set.of(), now);
        if (quorum.isWorking()) {
            leasing.relieveStragglers(now);
        }
    }

    private void timePassed(long now) {
        company.silent(now).forEach(silent -> lose(silent, now));
        company.mute(now).ifPresent(mute -> loseMute(mute, now));
        if (quorum.isWorking()) {
            leasing.relieveStragglers(now);
        }
        quorum.giveUp(membership.capacity(), now).ifPresent(why -> abort(Failure.NO_WORKERS, why));
    }

    private void loseMute(Company.Loss mute, long now) {
        lose(mute, now);
        settle(intake.unanswered(mute.reason()), now);
    }

    // ---- messages

    private void received(ProcessId process, ToCoordinator message, long now) {
        var found = membership.find(process);
        if (found.isEmpty() || over) {
            release(message);
            if (!over) {
                out.reject(
                        process,
                        Rejection.Kind.NOT_A_MEMBER,
                        process + " is not a member of the run");
            }
            return;
        }
        var member = found.get();
        member.heard(now);
        switch (message) {
            case ToCoordinator.Join _ ->
                    out.reject(process, Rejection.Kind.PROTOCOL, process + " joined twice");
            case ToCoordinator.Ready ready -> {
                company.ready(member, ready, now);
                membersChanged(now);
            }
            case ToCoordinator.Contribution contribution ->
                    settle(intake.contributed(member, contribution, now), now);
            case ToCoordinator.Evaluated evaluated ->
                    settle(intake.evaluated(member, evaluated, now), now);
            case ToCoordinator.Failed failed -> settle(intake.failed(member, failed, now), now);
            case ToCoordinator.Returned(var lease) -> {
                leasing.returned(member, lease, now);
                membersChanged(now);
            }
            case ToCoordinator.Leaving(var reason) -> {
                company.leaving(member, reason);
                membersChanged(now);
            }
        }
        if (!over) {
            membership.find(process).ifPresent(still -> company.farewell(still, now));
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
                    case Work.Measure done -> measured(done, now);
                    case Work.Evaluate done -> evaluated(done, now);
                }
            }
            case Intake.Outcome.Hopeless(var kind, var reason) -> abort(kind, advise(kind, reason));
        }
        var strikes = intake.takeStrikes();
        proceed(strikes.stream().map(Intake.Strike::worker).collect(Collectors.toSet()), now);
        company.struck(strikes, now).forEach(struck -> lose(struck, now));
    }

    private String advise(Failure kind, String reason) {
        if (kind != Failure.DIVERGED) {
            return reason;
        }
        // Before the first update no rate has been used.
        return leasing.work() instanceof Work.Train(var step) && step == 0
                ? "%s: the first step has no finite gradient, so the rate is not the cause: the inputs, the targets or the starting weights are too large, try --standardize or smaller values"
                        .formatted(reason)
                : "%s: training has diverged at %s, try a lower rate than %s"
                        .formatted(reason, leasing.work(), course.rate());
    }

    // ---- the sequence of works

    private void takeStep(Work done, long now) {
        out.add(
                new Decision.StepTaken(
                        course.takeStep(
                                results.totals(),
                                results.shares(),
                                now - workNanos,
                                results.hiddenFraction())));
        course.closeEpoch().ifPresent(entry -> out.add(new Decision.EpochEnded(entry)));
        next(course.after(done), now);
    }

    private void measured(Work.Measure done, long now) {
        leasing.known().take(done, results.statistics(done));
        next(course.after(done), now);
    }

    private void evaluated(Work.Evaluate done, long now) {
        var totals = results.totals();
        out.add(new Decision.PartEvaluated(course.version(), course.epoch(), done.part(), totals));
        next(
                switch (done.part()) {
                    case VALIDATION -> course.afterValidation(done, totals.meanLoss(), out::note);
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
        proceed(Set.of(), now);
    }

    private void begin(Work work, long now) {
        if (!(leasing.work() instanceof Work.Measure)) {
            workNanos = now;
        }
        leasing.begin(work, work instanceof Work.Train ? chunks.count() : 0, now);
        leasing.add(tree.root());
        intake.begin(tree.root(), chunks.count());
    }

    /** Gives out what waits for a worker, to others than these if there are others. */
    private void proceed(Set<WorkerId> shunned, long now) {
        var begun = quorum.hasBegun();
        if (over || !quorum.isMet(membership.capacity())) {
            return;
        }
        if (!begun) {
            workNanos = now;
        }
        leasing.grantOrphans(shunned, now);
    }

    private void complete() {
        end(new ToWorker.Goodbye(true, "the run is complete"));
        out.add(new Decision.Completed());
    }

    private void abort(Failure kind, String reason) {
        if (over) {
            return;
        }
        end(new ToWorker.Goodbye(false, reason));
        out.add(new Decision.Aborted(kind, reason));
    }

    private void end(ToWorker.Goodbye goodbye) {
        over = true;
        results.begin(tree.root());
        membership.all().forEach(member -> out.send(member.process, goodbye));
    }
}
