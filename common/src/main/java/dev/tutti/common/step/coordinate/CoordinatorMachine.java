package dev.tutti.common.step.coordinate;

import dev.tutti.common.average.Chunks;
import dev.tutti.common.average.ShardTree;
import dev.tutti.common.average.StepLens;
import dev.tutti.common.average.Totals;
import dev.tutti.common.average.observe.Observing;
import dev.tutti.common.optim.UpdateRule;
import dev.tutti.common.step.compute.VectorCode;
import dev.tutti.common.step.compute.WholeBatchGradient;
import dev.tutti.common.step.course.MemoryNeed;
import dev.tutti.common.step.course.PublishedWeights;
import dev.tutti.common.step.course.SavedRun;
import dev.tutti.common.step.course.StepReport;
import dev.tutti.common.step.course.TrainingCourse;
import dev.tutti.common.step.course.TrainingState;
import dev.tutti.common.step.lease.AwakeClock;
import dev.tutti.common.step.lease.Leasing;
import dev.tutti.common.step.lease.Member;
import dev.tutti.common.step.lease.Membership;
import dev.tutti.common.step.lease.Quorum;
import dev.tutti.common.step.lease.StateHolders;
import dev.tutti.common.step.message.Decision;
import dev.tutti.common.step.message.Decision.Failure;
import dev.tutti.common.step.message.DecisionQueue;
import dev.tutti.common.step.message.MembersEvent;
import dev.tutti.common.step.message.StatePart;
import dev.tutti.common.step.message.ToWorker;
import dev.tutti.common.step.run.Auditing;
import dev.tutti.common.step.run.EarlyStopping;
import dev.tutti.common.step.run.Lease;
import dev.tutti.common.step.run.Limits;
import dev.tutti.common.step.run.ProcessId;
import dev.tutti.common.step.run.Rejection;
import dev.tutti.common.step.run.RunSpec;
import dev.tutti.common.step.run.SamplePlan;
import dev.tutti.common.step.run.Work;
import dev.tutti.common.step.run.WorkerId;
import dev.tutti.common.sync.DelayCompensation;
import dev.tutti.common.vector.Floats;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntUnaryOperator;
import java.util.function.LongFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;

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
    /** A process that is not there. */
    private static final ProcessId NOBODY = new ProcessId(-1);

    private final Chunks chunks;
    private final ShardTree tree;
    private final SamplePlan plan;
    private final Auditing auditing;
    private final boolean keepsTasks;
    private final boolean sendsWhole;
    private final int versionsMax;
    private final MemberSide members;
    private final Membership membership;
    private final Leasing leasing;
    private final Results results;

    /** Takes in what is of the whole batch, or of a part of the data. */
    private final OpenWork open;

    /** Takes in the gradients of virtual workers, where each is kept by itself. */
    private final OpenTasks tasks;

    private final StateHolders states;

    private final StepLens lens;
    private final TrainingCourse course;
    private final Quorum quorum;
    private final DecisionQueue out = new DecisionQueue();
    private final AwakeClock clock = new AwakeClock();

    private Work current = new Work.Train(-1);
    private long workNanos;

    /** Why the run has to go back, if it has. */
    private Optional<String> lost = Optional.empty();

    /** Whether nothing is to be given out before all states have been collected. */
    private boolean collecting;

    /** Whether the run is to be saved as soon as it stands between two steps. */
    private boolean collectWanted;

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
     * @param auditing which shards several processes compute
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
            Auditing auditing,
            Optional<WholeBatchGradient> prover,
            long nowNanos) {
        if (state.sendsChanges() == spec.changeCompressor().isNeutral()) {
            throw new IllegalArgumentException("weights that travel in another way than the run's");
        }
        if (state.publishedPrecision() != spec.wire().precision()) {
            throw new IllegalArgumentException(
                    "weights of %s in a run of %s"
                            .formatted(
                                    state.publishedPrecision().text(),
                                    spec.wire().precision().text()));
        }
        this.sendsWhole = !state.sendsChanges();
        this.tree = new ShardTree(spec.shards());
        this.plan = plan;
        this.auditing = auditing;
        this.chunks = new Chunks(Floats.count(state.weights()), spec.chunkFloats());
        var average = spec.averaging();
        var model = spec.buildModel();
        this.states =
                new StateHolders(
                        spec.compressor().states(),
                        spec.compressor().sharesState(),
                        model.parameterCount(),
                        model.vectorLength());
        var decoder = new GradientDecoder(arena, spec, model, false);
        var rounds = spec.rounds();
        this.members =
                new MemberSide(
                        "run",
                        spec,
                        plan,
                        limits.members(),
                        rounds,
                        states,
                        work -> spec.addsShards() && !observing.keepsApart(work.step()),
                        auditing,
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
                        VectorCode.ofChanges(spec, model),
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
                        decoder,
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
        this.versionsMax = MemoryNeed.versions(spec, limits.startWorkers());
        this.tasks =
                new OpenTasks(
                        arena,
                        chunks,
                        plan,
                        average,
                        lens,
                        course.sums(),
                        state.trained(),
                        spec.shards() - spec.faulty(),
                        spec.syncMode().compensation().map(how -> compensator(how, rule, state)),
                        version -> course.published(version).orElseThrow(),
                        leasing,
                        () ->
                                new OpenTask(
                                        arena,
                                        tree,
                                        check,
                                        decoder,
                                        leasing,
                                        membership,
                                        credit,
                                        names,
                                        out),
                        course::release);
        this.quorum = new Quorum(limits, nowNanos);
        begin(course.first(), nowNanos);
    }

    /** Vectors of the mode are behind those of the optimizer. */
    private static DelayCompensator compensator(
            DelayCompensation how, UpdateRule rule, TrainingState state) {
        var slots = state.slots();
        return new DelayCompensator(
                how, state.trained(), slots.subList(rule.optimizer().slotCount(), slots.size()));
    }

    /** Takes an event at a time and returns what to do about it, in order. */
    public List<Decision> on(MembersEvent event, long nowNanos) {
        var now = clock.at(nowNanos);
        members.on(event, now);
        // All that was decided before is of a run that will have gone back.
        lost.ifPresent(reason -> out.add(new Decision.StatesLost(reason)));
        lost = Optional.empty();
        return out.take();
    }

    /** Returns the weights as they can be sent. */
    public PublishedWeights published() {
        return new PublishedWeights(
                course.published(), chunks, course.version(), chunks.count(), course.change());
    }

    /**
     * Returns the weights of a version as they can be sent: the newest, those that are kept for
     * tasks, or those of the step at hand as {@link #ahead} has them.
     */
    public PublishedWeights published(long version) {
        if (version == course.version()) {
            return published();
        }
        return version == course.version() + 1
                ? ahead()
                : course.published(version)
                        .map(found -> new PublishedWeights(found, chunks, version, chunks.count()))
                        .orElse(PublishedWeights.NONE);
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
                current,
                membership.fingerprint(),
                tasks.saved(course.version()),
                Stream.concat(tasks.vectors().stream(), states.saved().stream()).toList());
    }

    /** Goes on from where a run of the same configuration stood; before the first event only. */
    public void resume(SavedRun from, long nowNanos) {
        tasks.close(nowNanos);
        var next = course.resume(from);
        if (keepsTasks) {
            tasks.resume(from, course.version(), nowNanos);
        }
        states.resume(from.vectors());
        membership.expect(from.fingerprint());
        begin(next, nowNanos);
    }

    /**
     * Tells whether {@link #saved} has all that the run's next bits follow from. Where virtual
     * workers keep something, it lies with the processes, and must be collected before.
     */
    public boolean canBeSaved() {
        return !states.areKept() || (states.areCollected() && !tasks.hasBegun(course.version()));
    }

    /**
     * Collects what virtual workers keep before the next step begins; then the run can be saved.
     */
    public void collect() {
        collectWanted = states.areKept();
    }

    /**
     * Goes back to where the run stood, with the members that are there.
     *
     * @param from a copy of what {@link #saved} returned
     */
    public List<Decision> rewind(SavedRun from, long nowNanos) {
        var now = clock.at(nowNanos);
        leasing.rewind(now);
        drop();
        tasks.close(now);
        tasks.forget();
        collecting = false;
        collectWanted = false;
        lost = Optional.empty();
        current = new Work.Train(-1);
        var next = course.resume(from);
        if (keepsTasks) {
            tasks.resume(from, course.version(), now);
        }
        states.resume(from.vectors());
        begin(next, now);
        grant(Set.of(), now);
        return out.take();
    }

    /** Returns the attempt of leases that were not given out since the run last went back. */
    public int firstAttempt() {
        return leasing.firstAttempt();
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
        if (!keepsTasks && sendsWhole) {
            // Otherwise all chunks come at once, and the step with them; or they do not travel.
            out.add(new Decision.ChunkStepped(course.version() + 1, chunk));
        }
    }

    // ---- what the members' side asks for

    @Override
    public OpenWork openFor(Lease lease) {
        return tasks.find(lease).orElse(open);
    }

    @Override
    public void stateCame(Member member, StatePart part, long now) {
        var refusal = states.take(member.process, part);
        refusal.ifPresent(why ->
                out.reject(
                        member.process,
                        Rejection.Kind.LENGTH,
                        "%s %s".formatted(member.describe(), why)));
        if (collecting && states.areCollected()) {
            collecting = false;
        }
        // Others may go on with what a member that leaves has sent.
        grant(Set.of(), now);
    }

    @Override
    public void gone(Member member, long now) {
        if (states.isNeeded(member.process)) {
            lost = Optional.of("what virtual workers kept is lost with " + member.describe());
        } else {
            states.forget(member.process);
        }
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
        if (members.isOver() || collecting || !quorum.isMet(membership.capacity())) {
            return false;
        }
        if (!begun) {
            workNanos = now;
        }
        audit(shunned, now);
        if (members.isOver()) {
            return false;
        }
        leasing.grantOrphans(shunned, now);
        return true;
    }

    /** Audited shards are given out first: the others even out who has how much to do. */
    private void audit(Set<WorkerId> shunned, long now) {
        if (auditing.isOn() && current instanceof Work.Train) {
            (keepsTasks ? tasks.works() : List.of(open))
                    .forEach(work -> members.audit(work, shunned, now));
        }
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
                    case Work.Train done when !keepsTasks -> {
                        results.shares().forEach(share -> brought(share, done));
                        takeStep(done, now);
                    }
                    // The step is taken as soon as anything more could be given out.
                    case Work.Train done ->
                            tasks.complete(work, now).forEach(share -> brought(share, done));
                    case Work.Measure done -> measured(done, now);
                    case Work.Evaluate done -> evaluated(done, now);
                }
            }
            case OpenWork.Outcome.Coded coded ->
                    throw new IllegalStateException("a code that was not read: " + coded);
            case OpenWork.Outcome.Hopeless(var kind, var reason) ->
                    abort(kind, advise(kind, reason));
        }
    }

    @Override
    public void timePassed(long now) {
        if (quorum.isWorking()) {
            audit(Set.of(), now);
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
                results.totals(),
                results.shares(),
                results.hiddenFraction(),
                shard -> shard,
                false,
                now);
        next(course.after(done), now);
    }

    /**
     * Takes the steps of the schedule for which all is there. Where nobody begins at a version, the
     * next step needs nothing but what has come.
     */
    private void takeScheduled(long now) {
        while (keepsTasks && current instanceof Work.Train && canStep()) {
            if (!tasks.reduce()) {
                var overflow = "the average of %s overflows".formatted(current);
                abort(Failure.DIVERGED, advise(Failure.DIVERGED, overflow));
                return;
            }
            var keeps = !course.isLast() && tasks.needs(course.version());
            stepTaken(tasks.totals(), tasks.shares(), 0, tasks::worker, keeps, now);
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

    /**
     * Tells whether the step of the schedule can be taken: what it is made of has come, and there
     * is room for the weights before it, if tasks still need them. An evaluation is of all workers,
     * so what is open is brought in before it.
     */
    private boolean canStep() {
        if (!tasks.isReady()) {
            return false;
        }
        return course.isLast()
                || (course.after(current).filter(after -> after instanceof Work.Train).isPresent()
                        ? course.keptVersions() < versionsMax || !tasks.needs(course.version())
                        : tasks.isIdle());
    }

    private void stepTaken(
            Totals totals,
            List<StepReport.Share> shares,
            double hiddenFraction,
            IntUnaryOperator workers,
            boolean keeps,
            long now) {
        var seen = lens.take(course.version(), workers);
        out.add(
                new Decision.StepTaken(
                        course.takeStep(
                                totals, shares, now - workNanos, hiddenFraction, keeps, seen)));
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
        if (work instanceof Work.Train && keepsTasks) {
            leasing.close(open.work(), now);
            current = work;
            beginToCollect();
            tasks.begin(course.version(), now);
            return;
        }
        if (keepsTasks) {
            tasks.close(now);
        }
        leasing.close(current, now);
        current = work;
        beginToCollect();
        leasing.open(work, work instanceof Work.Train ? chunks.count() : 0, now);
        leasing.add(work, tree.root());
        open.begin(work, tree.root(), chunks.count());
    }

    private void beginToCollect() {
        if (collectWanted && current instanceof Work.Train) {
            collectWanted = false;
            collecting = !states.areCollected();
            states.collect(Optional.empty(), out);
        }
    }

    /**
     * Notes whose gradient nobody compared, and who has the state that a gradient led to; one who
     * is gone has taken it along.
     */
    private void brought(StepReport.Share share, Work.Train work) {
        if (auditing.isOn()) {
            var count =
                    IntStream.range(share.shards().from(), share.shards().to())
                            .filter(shard -> !auditing.picks(work, shard))
                            .count();
            membership
                    .hostOf(share.worker())
                    .map(host -> membership.trail(host.identity))
                    .ifPresent(trail -> trail.contributed(work.step() + 1, count));
        }
        if (!states.areKept()) {
            return;
        }
        var host = membership.hostOf(share.worker());
        var process = host.map(member -> member.process).orElse(NOBODY);
        for (var shard = share.shards().from(); shard < share.shards().to(); shard++) {
            states.brought(shard, work.batch(), process);
        }
        if (host.isEmpty()) {
            lost =
                    Optional.of(
                            "what %s kept is lost with %s"
                                    .formatted(share.shards(), share.worker()));
        } else if (host.get().isLeaving()) {
            states.collect(Optional.of(process), out);
        }
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
        open.drop();
        results.begin(tree.root());
        tasks.drop();
    }
}
