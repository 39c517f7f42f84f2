package dev.tutti.common.step.coordinate;

import dev.tutti.common.average.Chunks;
import dev.tutti.common.average.ShardTree;
import dev.tutti.common.average.StepLens;
import dev.tutti.common.average.Totals;
import dev.tutti.common.average.observe.Observing;
import dev.tutti.common.optim.UpdateRule;
import dev.tutti.common.step.compute.WholeBatchGradient;
import dev.tutti.common.step.course.PublishedWeights;
import dev.tutti.common.step.course.SavedRun;
import dev.tutti.common.step.course.StepReport;
import dev.tutti.common.step.course.TrainingCourse;
import dev.tutti.common.step.course.TrainingState;
import dev.tutti.common.step.lease.AwakeClock;
import dev.tutti.common.step.lease.Leasing;
import dev.tutti.common.step.lease.Membership;
import dev.tutti.common.step.lease.Quorum;
import dev.tutti.common.step.message.Decision;
import dev.tutti.common.step.message.Decision.Failure;
import dev.tutti.common.step.message.DecisionQueue;
import dev.tutti.common.step.message.MembersEvent;
import dev.tutti.common.step.message.ToWorker;
import dev.tutti.common.step.run.EarlyStopping;
import dev.tutti.common.step.run.Lease;
import dev.tutti.common.step.run.Limits;
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
import java.util.function.IntUnaryOperator;
import java.util.function.LongFunction;

/**
 * The coordinator's brain: events and the time go in, decisions come out. It knows no gRPC, actor,
 * file or clock, so the actor, the tests and a simulator are shells around the same rules.
 *
 * <p>The run is a sequence of works: steps, with the validation part after each epoch and the test
 * part at the end; a step begins with as many rounds as its model asks of the whole batch. Each
 * work is given out as leases on nodes of the shard tree; when all results are in, the next work
 * begins. An instance serves one thread.
 *
 * <p>What it knows lies in three places: {@link MemberSide} (who is there and computes what),
 * {@link OpenWork} (what has come in) and {@link TrainingCourse} (how far the run is, which alone
 * survives a restart).
 */
public final class CoordinatorMachine implements MemberSide.Owner {
    private final Chunks chunks;
    private final ShardTree tree;
    private final SamplePlan plan;
    private final boolean keepsTasks;
    private final MemberSide members;
    private final Membership membership;
    private final Leasing leasing;
    private final Results results;

    /** Takes in what is of the whole batch, or of a part of the data. */
    private final OpenWork open;

    /** Takes in the gradients of virtual workers, where each is kept by itself. */
    private final OpenTasks tasks;

    private final StepLens lens;
    private final TrainingCourse course;
    private final Quorum quorum;
    private final DecisionQueue out = new DecisionQueue();
    private final AwakeClock clock = new AwakeClock();

    private Work current = new Work.Train(-1);
    private long workNanos;

    /**
     * Makes the brain of a run.
     *
     * @param arena for the gradient sum and the chunks' scratch
     * @param plan which samples make up a shard
     * @param steps steps that the run has in all
     * @param stopping when to end before the last step
     * @param state starting weights and slots, changed in place
     * @param names tells which parameter an index of the flat vector belongs to
     * @param observing what is looked at
     * @param prover computes whole batches, if steps are proved
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
            Observing observing,
            Optional<WholeBatchGradient> prover,
            long nowNanos) {
        if (state.publishedPrecision() != spec.wire().precision()) {
            throw new IllegalArgumentException(
                    "weights of %s in a run of %s"
                            .formatted(
                                    state.publishedPrecision().text(),
                                    spec.wire().precision().text()));
        }
        this.tree = new ShardTree(spec.shards());
        this.plan = plan;
        this.chunks = new Chunks(Floats.count(state.weights()), spec.chunkFloats());
        var average = spec.averaging();
        var rounds = spec.rounds();
        this.members =
                new MemberSide(
                        "run",
                        spec,
                        plan,
                        limits.members(),
                        rounds,
                        work -> average.isLinear() && !observing.keepsApart(work.step()),
                        out,
                        this);
        this.membership = members.membership();
        this.leasing = members.leasing();
        this.course =
                new TrainingCourse(
                        arena,
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
        this.lens =
                RunLens.of(
                        arena,
                        spec,
                        plan,
                        chunks,
                        observing,
                        (version, sum) -> prove(prover.orElseThrow(), version, sum));
        this.results =
                new Results(arena, tree, check, average, course::version, lens, course.sums());
        var credit = limits.members().creditChunks();
        // Where no chunk is reduced before all are there, all must be allowed to come.
        this.open =
                new OpenWork(
                        results,
                        leasing,
                        membership,
                        work ->
                                average.needsWholeVectors()
                                                || observing.needsWholeVectors(work.step())
                                        ? Math.max(credit, chunks.count())
                                        : credit,
                        names,
                        out);
        this.keepsTasks = spec.keepsTasks();
        this.tasks =
                new OpenTasks(
                        arena,
                        chunks,
                        plan,
                        average,
                        lens,
                        course.sums(),
                        state.trained(),
                        leasing,
                        () ->
                                new OpenTask(
                                        arena,
                                        tree,
                                        check,
                                        leasing,
                                        membership,
                                        credit,
                                        names,
                                        out));
        this.quorum = new Quorum(limits, nowNanos);
        begin(course.first(), nowNanos);
    }

    /** Takes an event at a time and returns what to do about it, in order. */
    public List<Decision> on(MembersEvent event, long nowNanos) {
        var now = clock.at(nowNanos);
        members.on(event, now);
        return out.take();
    }

    /** Returns the weights as they can be sent. */
    public PublishedWeights published() {
        return new PublishedWeights(course.published(), chunks, course.version(), chunks.count());
    }

    /**
     * Returns where the weights after the step at hand are written; of them, only the chunks that
     * {@link Decision.ChunkStepped} named are there.
     */
    public PublishedWeights ahead() {
        return new PublishedWeights(course.nextPublished(), chunks, course.version() + 1, 0);
    }

    /** Returns how many steps have been taken. */
    public long version() {
        return course.version();
    }

    /**
     * Returns where the run stands. The vectors are views, which the next event may change: copy
     * them before.
     */
    public SavedRun saved() {
        return course.saved(
                current, membership.fingerprint(), tasks.saved(course.version()), tasks.momenta());
    }

    /** Goes on from where a run of the same configuration stood; before the first event only. */
    public void resume(SavedRun from, long nowNanos) {
        var next = course.resume(from);
        tasks.resume(from.tasks(), from.momenta());
        membership.expect(from.fingerprint());
        begin(next, nowNanos);
    }

    /** Ends without a farewell: the run will go on from where it stands. */
    public void halt() {
        members.halt();
        drop();
    }

    /** Computes the whole batch of the step at hand, with the weights that workers have. */
    private void prove(WholeBatchGradient prover, long version, MemorySegment out) {
        var work = plan.train(version);
        prover.write(work, course.published(), leasing.known().statisticsBefore(work, 0), out);
    }

    private void stepped(int chunk) {
        out.add(new Decision.ChunkStepped(course.version() + 1, chunk));
    }

    // ---- what the members' side asks for

    @Override
    public OpenWork openFor(Lease lease) {
        return tasks.find(lease).orElse(open);
    }

    @Override
    public void grant(Set<WorkerId> shunned, long now) {
        if (giveOut(shunned, now)) {
            takeScheduled(now);
        }
    }

    /** Gives out what nobody computes; tells whether the run goes on. */
    private boolean giveOut(Set<WorkerId> shunned, long now) {
        var begun = quorum.hasBegun();
        if (members.isOver() || !quorum.isMet(membership.capacity())) {
            return false;
        }
        if (!begun) {
            workNanos = now;
        }
        leasing.grantOrphans(shunned, now);
        return true;
    }

    /** Workers that are there now take over what others have left or are late with. */
    @Override
    public void membersChanged(long now) {
        if (members.isOver()) {
            return;
        }
        quorum.pause(membership.capacity(), now).ifPresent(out::warn);
        grant(Set.of(), now);
        if (quorum.isWorking()) {
            leasing.relieveStragglers(now);
        }
    }

    @Override
    public void settle(OpenWork work, OpenWork.Outcome outcome, long now) {
        switch (outcome) {
            case OpenWork.Outcome.Waiting() -> {}
            case OpenWork.Outcome.Complete() -> {
                switch (work.work()) {
                    case Work.Train done when !keepsTasks -> takeStep(done, now);
                    // The step is taken as soon as anything more could be given out.
                    case Work.Train _ -> tasks.complete(work, now);
                    case Work.Measure done -> measured(done, now);
                    case Work.Evaluate done -> evaluated(done, now);
                }
            }
            case OpenWork.Outcome.Hopeless(var kind, var reason) ->
                    abort(kind, advise(kind, reason));
        }
    }

    @Override
    public void timePassed(long now) {
        if (quorum.isWorking()) {
            leasing.relieveStragglers(now);
        }
        quorum.giveUp(membership.capacity(), now).ifPresent(why -> abort(Failure.NO_WORKERS, why));
    }

    private String advise(Failure kind, String reason) {
        if (kind != Failure.DIVERGED) {
            return reason;
        }
        // Before the first update no rate has been used.
        return current instanceof Work.Train(var step, _) && step == 0
                ? "%s: the first step has no finite gradient, so the rate is not the cause: the inputs, the targets or the starting weights are too large, try --standardize or smaller values"
                        .formatted(reason)
                : "%s: training has diverged at %s, try a lower rate than %s"
                        .formatted(reason, current, course.rate());
    }

    // ---- the sequence of works

    private void takeStep(Work done, long now) {
        stepTaken(
                results.totals(), results.shares(), results.hiddenFraction(), shard -> shard, now);
        next(course.after(done), now);
    }

    /**
     * Takes the steps of the schedule for which all is there. Where nobody begins at a version, the
     * next step needs nothing but what has come.
     */
    private void takeScheduled(long now) {
        while (keepsTasks && current instanceof Work.Train && tasks.isReady()) {
            if (!tasks.reduce(course.version())) {
                var overflow = "the average of %s overflows".formatted(current);
                abort(Failure.DIVERGED, advise(Failure.DIVERGED, overflow));
                return;
            }
            stepTaken(tasks.totals(), tasks.shares(), 0, tasks::worker, now);
            tasks.end();
            var after = course.after(current);
            if (after.isEmpty()) {
                complete();
                return;
            }
            begin(after.get(), now);
            if (!giveOut(Set.of(), now)) {
                return;
            }
        }
    }

    private void stepTaken(
            Totals totals,
            List<StepReport.Share> shares,
            double hiddenFraction,
            IntUnaryOperator workers,
            long now) {
        var seen = lens.take(course.version(), workers);
        out.add(
                new Decision.StepTaken(
                        course.takeStep(totals, shares, now - workNanos, hiddenFraction, seen)));
        course.closeEpoch().ifPresent(entry -> out.add(new Decision.EpochEnded(entry)));
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
        grant(Set.of(), now);
    }

    private void begin(Work work, long now) {
        if (!(current instanceof Work.Measure)) {
            workNanos = now;
        }
        leasing.close(current, now);
        current = work;
        if (work instanceof Work.Train && keepsTasks) {
            tasks.begin(course.version(), now);
            return;
        }
        leasing.open(work, work instanceof Work.Train ? chunks.count() : 0, now);
        leasing.add(work, tree.root());
        open.begin(work, tree.root(), chunks.count());
    }

    private void complete() {
        end(new ToWorker.Goodbye(true, "the run is complete"));
        out.add(new Decision.Completed());
    }

    private void abort(Failure kind, String reason) {
        if (members.isOver()) {
            return;
        }
        end(new ToWorker.Goodbye(false, reason));
        out.add(new Decision.Aborted(kind, reason));
    }

    private void end(ToWorker.Goodbye goodbye) {
        drop();
        members.end(goodbye);
    }

    /** Lets go of all that has come. */
    private void drop() {
        results.begin(tree.root());
        tasks.drop();
    }
}
