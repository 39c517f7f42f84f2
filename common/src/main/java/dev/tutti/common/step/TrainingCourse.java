package dev.tutti.common.step;

import dev.tutti.common.average.AveragingRule;
import dev.tutti.common.average.ChunkSums;
import dev.tutti.common.average.Chunks;
import dev.tutti.common.average.ShardTree;
import dev.tutti.common.average.Totals;
import dev.tutti.common.optim.GradientSum;
import dev.tutti.common.optim.UpdateRule;
import dev.tutti.common.vector.Elements;
import dev.tutti.common.vector.Floats;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Optional;
import java.util.function.IntConsumer;

/**
 * How far a run has come, whoever works for it: the weights and slots, the steps behind them, the
 * ledger, the best weights so far, and which work is next. This is what survives a restart; members
 * and leases do not.
 */
final class TrainingCourse {
    private final SamplePlan plan;
    private final WorkSequence works;
    private final AveragingRule average;
    private final UpdateRule rule;
    private final TrainingState state;
    private final BestWeights best;
    private final ShardTree tree;
    private final Ledger ledger = new Ledger();
    private final Optional<MemorySegment> gradient;
    private final ChunkSums sums;
    private long version;

    /**
     * Makes the course of a run at its start.
     *
     * @param rounds that measure the batch of a step
     * @param stepped is told of each chunk of {@link #nextSent} that is there before the step is
     *     done
     */
    TrainingCourse(
            Arena arena,
            ShardTree tree,
            Chunks chunks,
            SamplePlan plan,
            long steps,
            int rounds,
            AveragingRule average,
            UpdateRule rule,
            EarlyStopping stopping,
            TrainingState state,
            IntConsumer stepped) {
        this.plan = plan;
        this.works = new WorkSequence(plan, steps, rounds);
        this.average = average;
        this.rule = rule;
        this.state = state;
        this.tree = tree;
        state.send();
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
                                        step -> divisor(plan.batch(step).count()),
                                        stepped));
    }

    /** Returns what a reduced gradient is still to be divided by. */
    private int divisor(int samples) {
        return average.isLinear() ? samples : 1;
    }

    /** Returns the work that the run begins, or goes on, with. */
    Work first() {
        return works.at(version);
    }

    /** Returns how many steps are behind the weights. */
    long version() {
        return version;
    }

    MemorySegment weights() {
        return state.weights();
    }

    /** Returns the weights as workers get them. */
    Elements sent() {
        return state.sent();
    }

    /** Returns where workers will find the weights after the step at hand. */
    Elements nextSent() {
        return state.nextSent();
    }

    /** Returns the learning rate of the next step. */
    double rate() {
        return rule.rate(version);
    }

    /** Returns where the chunks' sums go, and with them what the step can do at once. */
    ChunkSums sums() {
        return sums;
    }

    /** Takes a step, or what is left of it once the sums of all chunks are there. */
    StepReport takeStep(Results results, long collectNanos) {
        var totals = results.totals();
        var batch = plan.batch(version);
        var rate = rate();
        gradient.ifPresent(sum ->
                rule.apply(
                        version,
                        state.trained(),
                        GradientSum.of(sum, divisor(totals.samples())),
                        state.slots(),
                        state.stepping()));
        state.turnOver();
        ledger.enter(plan.slice(new Work.Train(version), tree.root()), totals);
        version++;
        return new StepReport(
                version,
                batch.epoch(),
                totals,
                rate,
                results.shares(),
                collectNanos,
                results.hiddenFraction());
    }

    /** Returns the account of the epoch, if the last step ended one. */
    Optional<LedgerEntry> closeEpoch() {
        return works.endsEpoch(version)
                ? Optional.of(ledger.close(plan.batch(version - 1).epoch()))
                : Optional.empty();
    }

    /** Returns the report of an evaluation of these weights. */
    Decision.PartEvaluated evaluated(Part part, Totals totals) {
        return new Decision.PartEvaluated(version, plan.batch(version - 1).epoch(), part, totals);
    }

    /** Returns the work after one that needs no judgement; empty after the last. */
    Optional<Work> after(Work done) {
        return works.after(done);
    }

    /**
     * Goes on with training after the validation part, or ends it early; the result is the best
     * weights, if they are kept. Returns the next work, empty after the last.
     */
    Optional<Work> afterValidation(Work done, double loss, Outbox out) {
        var stops = best.enter(loss, version, state.weights());
        var after = works.after(done);
        if (!stops && after.isPresent() && !(after.get() instanceof Work.Evaluate)) {
            return after;
        }
        if (stops && version < works.steps()) {
            out.note("stopped early after step %d, validation loss %.6f".formatted(version, loss));
        }
        if (best.isBetterThan(version)) {
            best.restore(state.weights());
            state.send();
            version = best.version();
            out.note("the result is the weights after step %d, the best".formatted(version));
        }
        return works.end(version);
    }

    /**
     * Returns where the run stands, over its own memory.
     *
     * @param next the work that it is at
     * @param fingerprint of the first worker's kernel
     */
    SavedRun saved(Work next, String fingerprint) {
        return new SavedRun(
                WorkSequence.saved(next), state, best.saved(), ledger.saved(), fingerprint);
    }

    /** Goes on from where a run of the same configuration stood; returns the work to begin with. */
    Work resume(SavedRun from) {
        from.state().copyTo(state);
        state.send();
        best.resume(from.best());
        ledger.resume(from.ledger());
        version = from.next().step();
        return works.resumed(from.next());
    }
}
