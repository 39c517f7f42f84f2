package dev.tutti.common.step.course;

import dev.tutti.common.average.ChunkSums;
import dev.tutti.common.average.Chunks;
import dev.tutti.common.average.Totals;
import dev.tutti.common.average.observe.Observation;
import dev.tutti.common.average.pipeline.Averaging;
import dev.tutti.common.optim.GradientSum;
import dev.tutti.common.optim.UpdateRule;
import dev.tutti.common.step.compute.VectorCode;
import dev.tutti.common.step.run.EarlyStopping;
import dev.tutti.common.step.run.SamplePlan;
import dev.tutti.common.step.run.Work;
import dev.tutti.common.vector.Elements;
import dev.tutti.common.vector.Floats;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.IntConsumer;

/**
 * How far a run has come, for any set of workers: the weights and slots, the steps behind them, the
 * ledger, the best weights so far, and which work is next. This is what survives a restart; members
 * and leases do not.
 */
public final class TrainingCourse {
    private final SamplePlan plan;
    private final WorkSequence works;
    private final Averaging average;
    private final UpdateRule rule;
    private final TrainingState state;
    private final BestWeights best;
    private final Ledger ledger = new Ledger();
    private final Optional<MemorySegment> gradient;
    private final ChunkSums sums;
    private final KeptVersions kept;
    private final Optional<SentChanges> changes;
    private long version;

    /**
     * Makes the course of a run at its start.
     *
     * @param rounds that measure the batch of a step
     * @param changes the code of the weights' changes, if they travel in place of the weights
     * @param stepped is told of each chunk of {@link #nextPublished} that is there before the step
     *     is done
     */
    public TrainingCourse(
            Arena arena,
            Chunks chunks,
            SamplePlan plan,
            long steps,
            int rounds,
            Averaging average,
            UpdateRule rule,
            EarlyStopping stopping,
            TrainingState state,
            Optional<VectorCode> changes,
            IntConsumer stepped) {
        this.plan = plan;
        this.works = new WorkSequence(plan, steps, rounds);
        this.average = average;
        this.rule = rule;
        this.state = state;
        this.kept = new KeptVersions(state);
        this.changes = changes.map(SentChanges::new);
        state.roundForWorkers();
        this.best = new BestWeights(arena, stopping, Floats.count(state.weights()));
        this.gradient =
                SteppedSums.suit(rule)
                        ? Optional.empty()
                        : Optional.of(Floats.allocate(arena, chunks.length()));
        this.sums =
                gradient.map(whole -> ChunkSums.of(chunks, whole))
                        .orElseGet(() ->
                                new SteppedSums(
                                        chunks,
                                        rule,
                                        state,
                                        this::version,
                                        this::divisor,
                                        stepped));
    }

    /** Returns what a reduced gradient is still to be divided by. */
    private int divisor(long step) {
        return average.isLinear() ? plan.divisor(step) : 1;
    }

    /** Returns the work that the run begins, or goes on, with. */
    public Work first() {
        return works.at(version);
    }

    /** Returns how many steps are behind the weights. */
    public long version() {
        return version;
    }

    /** Returns the weights as workers get them. */
    public Elements published() {
        return state.published();
    }

    /** Returns the code of the change that led to the newest weights, if workers may have that. */
    public Optional<byte[]> change() {
        return changes.flatMap(codes -> codes.of(version));
    }

    /** Returns the same of a version: the newest, or one that is kept. */
    public Optional<Elements> published(long of) {
        return of == version ? Optional.of(state.published()) : kept.of(of);
    }

    /** Returns how many versions before the newest are kept. */
    public int keptVersions() {
        return kept.count();
    }

    /** Lets go of a version that no task needs any more. */
    public void release(long of) {
        kept.release(of);
    }

    /** Tells whether the step at hand is the last one. */
    public boolean isLast() {
        return version + 1 == works.steps();
    }

    /** Returns where workers will find the weights after the step at hand. */
    public Elements nextPublished() {
        return state.nextPublished();
    }

    /** Returns the learning rate of the next step. */
    public double rate() {
        return rule.rate(version);
    }

    /** Returns where the chunks' sums go, and with them what the step can do at once. */
    public ChunkSums sums() {
        return sums;
    }

    /**
     * Takes a step, or what is left of it once the sums of all chunks are there.
     *
     * @param totals sums over the batch
     * @param shares see {@link StepReport}, as the two that follow
     * @param keeps whether tasks are still to be computed with the weights before the step
     * @param observation see {@link StepReport}
     */
    public StepReport takeStep(
            Totals totals,
            List<StepReport.Share> shares,
            long collectNanos,
            double hiddenFraction,
            boolean keeps,
            Optional<Observation> observation) {
        var epoch = plan.epoch(version);
        var rate = rate();
        var schedule = plan.schedule(version);
        gradient.ifPresent(sum ->
                rule.apply(
                        version,
                        state.layout(),
                        GradientSum.of(sum, divisor(version)),
                        state.slots().subList(0, rule.optimizer().slotCount()),
                        state.stepping()));
        changes.ifPresent(codes -> codes.step(version, state));
        if (keeps) {
            kept.swap(version);
        } else {
            state.swap();
        }
        ledger.enter(plan.expected(version), totals);
        version++;
        return new StepReport(
                version,
                epoch,
                totals,
                rate,
                shares,
                collectNanos,
                hiddenFraction,
                schedule,
                schedule.map(plan::travelBytes).orElse(0L),
                observation);
    }

    /** Returns the account of the epoch, if the last step ended one. */
    public Optional<LedgerEntry> closeEpoch() {
        return works.endsEpoch(version) ? Optional.of(ledger.close(epoch())) : Optional.empty();
    }

    /** Returns the epoch of the last step, counted from 0. */
    public int epoch() {
        return plan.epoch(version - 1);
    }

    /** Returns the work after one that needs no judgement; empty after the last. */
    public Optional<Work> after(Work done) {
        return works.after(done);
    }

    /**
     * Goes on with training after the validation part, or ends it early; the result is the best
     * weights, if they are kept. Returns the next work, empty after the last.
     *
     * @param notes takes lines for the reader of the log
     */
    public Optional<Work> afterValidation(Work done, double loss, Consumer<String> notes) {
        var stops = best.enter(loss, version, state.weights());
        var after = works.after(done);
        if (!stops && after.isPresent() && !(after.get() instanceof Work.Evaluate)) {
            return after;
        }
        if (stops && version < works.steps()) {
            notes.accept(
                    "stopped early after step %d, validation loss %.6f".formatted(version, loss));
        }
        if (best.isBetterThan(version)) {
            best.restore(state.weights());
            state.roundForWorkers();
            version = best.version();
            notes.accept("the result is the weights after step %d, the best".formatted(version));
        }
        return works.end(version);
    }

    /**
     * Returns where the run stands, over its own memory.
     *
     * @param next the work that it is at
     * @param fingerprint of the first worker's kernel
     * @param tasks that wait for steps to come
     * @param vectors that are kept from step to step
     */
    public SavedRun saved(
            Work next, String fingerprint, List<SavedTask> tasks, List<SavedVector> vectors) {
        return new SavedRun(
                WorkSequence.saved(next),
                state,
                best.saved(),
                ledger.saved(),
                fingerprint,
                tasks,
                kept.saved(),
                vectors);
    }

    /** Goes on from where a run of the same configuration stood; returns the work to begin with. */
    public Work resume(SavedRun from) {
        from.state().copyTo(state);
        state.publishAgain();
        changes.ifPresent(SentChanges::forget);
        best.resume(from.best());
        ledger.resume(from.ledger());
        version = from.next().step();
        kept.resume(from.versions());
        return works.resumed(from.next());
    }
}
