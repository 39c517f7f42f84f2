package dev.tutti.common.step.compute;

import dev.tutti.common.average.ShardRange;
import dev.tutti.common.average.ShardTree;
import dev.tutti.common.average.SubtreeSum;
import dev.tutti.common.average.Totals;
import dev.tutti.common.average.attack.LabelAttack;
import dev.tutti.common.average.batch.BatchRound;
import dev.tutti.common.average.batch.BatchStatistics;
import dev.tutti.common.data.Dataset;
import dev.tutti.common.data.Targets;
import dev.tutti.common.kernel.Kernel;
import dev.tutti.common.nn.Model;
import dev.tutti.common.nn.Workspace;
import dev.tutti.common.nn.layer.BackwardProgress;
import dev.tutti.common.nn.layer.PassContext;
import dev.tutti.common.nn.layer.WholeBatch;
import dev.tutti.common.nn.loss.Loss;
import dev.tutti.common.nn.loss.Losses;
import dev.tutti.common.optim.GradientSum;
import dev.tutti.common.optim.Optimizer;
import dev.tutti.common.optim.Optimizers;
import dev.tutti.common.optim.SteppedWeights;
import dev.tutti.common.optim.TensorLayout;
import dev.tutti.common.optim.UpdateRule;
import dev.tutti.common.step.run.Lease;
import dev.tutti.common.step.run.RunSpec;
import dev.tutti.common.step.run.SamplePlan;
import dev.tutti.common.step.run.Work;
import dev.tutti.common.sync.SyncMode;
import dev.tutti.common.vector.Elements;
import dev.tutti.common.vector.Floats;
import dev.tutti.common.vector.Precision;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The whole job of one worker thread: a lease and the weights in, sums over the lease's samples out
 * (BACKPROP.md, "From the graph to layers"). What it gives depends on the lease and the weights
 * alone.
 */
public final class ShardComputer implements GradientSource {
    private final RunSpec spec;
    private final SamplePlan plan;
    private final Dataset data;
    private final Model model;
    private final Loss loss;
    private final Kernel kernel;
    private final Workspace workspace;
    private final Evaluator evaluator;
    private final ShardTree tree;
    private final VectorPool pool;

    /** Floats of the statistics, behind the trained part of a vector. */
    private final long statistics;

    private final ChunkRounding rounding;
    private final UpdateRule localRule;
    private final TensorLayout layout;
    private final Optional<LabelAttack> faultyLabels;
    private final int honest;
    private final boolean sendsChange;

    /** Bytes of a rounded chunk. */
    private final MemorySegment scratch;

    /**
     * Makes the computer of one thread.
     *
     * @param arena for the activations
     * @param data that the spec's digest names
     * @param pool lends vectors as long as the model's
     */
    public ShardComputer(
            Arena arena, RunSpec spec, Dataset data, Model model, Kernel kernel, VectorPool pool) {
        this.spec = spec;
        this.plan = new SamplePlan(spec, data);
        this.data = data;
        this.model = model;
        this.loss = Losses.CATALOGUE.parse(spec.loss());
        this.kernel = kernel;
        this.workspace = new Workspace(arena, model, loss, plan.shardSamplesMax());
        this.evaluator = new Evaluator(arena, data, model, loss, kernel);
        this.tree = new ShardTree(spec.shards());
        this.pool = pool;
        this.statistics = model.vectorLength() - model.parameterCount();
        this.rounding = ChunkRounding.of(spec, model);
        this.localRule = UpdateRule.of(localOptimizer(plan.mode()));
        var faults = spec.averaging().faults();
        this.faultyLabels =
                faults.attack().filter(LabelAttack.class::isInstance).map(LabelAttack.class::cast);
        this.honest = spec.shards() - faults.faulty();
        this.layout = TensorLayout.of(model);
        this.sendsChange = plan.mode().outerOptimizer().isPresent();
        this.scratch = arena.allocate(rounding.scratchBytes());
    }

    /** A mode without local steps needs no optimizer for them. */
    private static Optimizer localOptimizer(SyncMode mode) {
        var text = mode.localOptimizer();
        return Optimizers.CATALOGUE.parse(text.isEmpty() ? "sgd(rate=1)" : text);
    }

    /** A sum over several shards is not rounded again, and statistics never are. */
    @Override
    public Precision precision(Lease lease) {
        return lease.shards().size() == 1 && statistics == 0
                ? spec.wire().precision()
                : Precision.FP32;
    }

    @Override
    public Totals train(
            Lease lease,
            Elements weights,
            List<BatchStatistics> known,
            Elements out,
            SubtreeSum.Progress progress) {
        return new SubtreeSum(
                        tree,
                        (shard, gradient, shardProgress) ->
                                trainShard(
                                        lease.work(),
                                        shard,
                                        weights,
                                        known,
                                        gradient,
                                        shardProgress),
                        pool::borrow,
                        pool::giveBack)
                .sum(lease.shards(), out, progress);
    }

    @Override
    public Measured measure(Lease lease, Elements weights, List<BatchStatistics> known) {
        var round = model.rounds().get(known.size());
        return measure(round, lease.work(), lease.shards(), weights, known);
    }

    private Measured measure(
            BatchRound round,
            Work work,
            ShardRange shards,
            Elements weights,
            List<BatchStatistics> known) {
        if (shards.size() == 1) {
            return measureShard(
                    round, work, shards.from(), plan.slice(work, shards), weights, known);
        }
        var left = measure(round, work, tree.left(shards), weights, known);
        var right = measure(round, work, tree.right(shards), weights, known);
        return new Measured(
                left.totals().plus(right.totals()),
                round.plus(left.statistics(), right.statistics()));
    }

    private Measured measureShard(
            BatchRound round,
            Work work,
            int shard,
            SamplePlan.Slice slice,
            Elements weights,
            List<BatchStatistics> known) {
        var totals = new Totals(slice.count(), 0, 0, slice.hash());
        if (slice.count() == 0) {
            return new Measured(totals, round.none());
        }
        gather(slice, shard);
        var scratch = pool.borrow();
        var measured =
                model.statistics(
                        kernel,
                        loss,
                        weights,
                        workspace,
                        slice.count(),
                        context(work, slice, known),
                        Elements.in(scratch, spec.wire().precision(), model.parameterCount()),
                        Floats.slice(scratch, model.parameterCount(), statistics));
        pool.giveBack(scratch);
        return new Measured(totals, measured);
    }

    private void gather(SamplePlan.Slice slice, int shard) {
        slice.gather(data, loss, model.output().size(), workspace);
        if (faultyLabels.isPresent()
                && shard >= honest
                && data.targets() instanceof Targets.Labels labels) {
            Labels.change(
                    faultyLabels.get(),
                    labels.names().size(),
                    workspace.targetWidth(),
                    Floats.slice(
                            workspace.targets(),
                            0,
                            (long) slice.count() * workspace.targetWidth()));
        }
    }

    private PassContext context(Work work, SamplePlan.Slice slice, List<BatchStatistics> known) {
        return new PassContext(
                PassContext.Mode.TRAINING,
                spec.seed(),
                work instanceof Work.Train(_, var batch) ? batch : work.step(),
                row -> slice.rows()[slice.from() + row],
                WholeBatch.of(known));
    }

    @Override
    public Totals evaluate(Lease lease, Elements weights) {
        return evaluate(lease.work(), lease.shards(), weights);
    }

    private Totals evaluate(Work work, ShardRange shards, Elements weights) {
        return shards.size() == 1
                ? evaluateShard(plan.slice(work, shards), weights)
                : evaluate(work, tree.left(shards), weights)
                        .plus(evaluate(work, tree.right(shards), weights));
    }

    private Totals evaluateShard(SamplePlan.Slice shard, Elements weights) {
        return evaluator.evaluate(weights, shard.rows(), shard.from(), shard.to());
    }

    private Totals trainShard(
            Work work,
            int shard,
            Elements weights,
            List<BatchStatistics> known,
            Elements out,
            SubtreeSum.Progress progress) {
        // A change is one even after a single step; the sum of one gradient is that gradient.
        return plan.batchesOf(work) == 1 && !sendsChange
                ? trainBatch(work, shard, weights, known, out, progress)
                : trainLocally(work, shard, weights, out, progress);
    }

    /**
     * Takes local steps. Writes the sum of their gradients; or, for an outer optimizer, by how much
     * the weights have become less, times the samples of a batch: so the mean over all samples is
     * the mean over the workers.
     */
    private Totals trainLocally(
            Work work, int shard, Elements weights, Elements out, SubtreeSum.Progress progress) {
        var sum = out.floats();
        var gradient = pool.borrow();
        var local = pool.borrow();
        var slots = Stream.generate(pool::borrow).limit(localRule.optimizer().slotCount()).toList();
        slots.forEach(slot -> Floats.fill(0, slot));
        var step = 0;
        var samples = 0;
        var before = weights.floats();
        var totals = Totals.NONE;
        Floats.fill(0, sum);
        for (var batch : plan.parts(work).toList()) {
            var part =
                    trainBatch(
                            batch,
                            shard,
                            Elements.of(before),
                            List.of(),
                            Elements.of(gradient),
                            SubtreeSum.Progress.NONE);
            Floats.add(gradient, sum);
            totals = totals.plus(part);
            if (part.samples() > 0) {
                localRule.apply(
                        step++,
                        layout,
                        GradientSum.of(gradient, part.samples()),
                        slots,
                        new SteppedWeights(before, local, Elements.NONE));
                before = local;
                samples = part.samples();
            }
        }
        if (sendsChange) {
            Floats.copy(weights.floats(), sum);
            Floats.subtract(before, sum);
            Floats.scale(samples, sum);
        }
        slots.forEach(pool::giveBack);
        pool.giveBack(local);
        pool.giveBack(gradient);
        progress.known(0, totals);
        return totals;
    }

    private Totals trainBatch(
            Work work,
            int shard,
            Elements weights,
            List<BatchStatistics> known,
            Elements out,
            SubtreeSum.Progress progress) {
        var slice = plan.slice(work, new ShardRange(shard, shard + 1));
        gather(slice, shard);
        var trained = out.slice(0, model.parameterCount());
        var isThere = out.precision() == spec.wire().precision();
        var scratch = isThere ? Floats.NONE : pool.borrow();
        var gradient =
                isThere
                        ? trained
                        : Elements.in(scratch, spec.wire().precision(), model.parameterCount());
        var shardProgress = new ShardProgress(slice, gradient, trained, progress);
        model.lossAndGradient(
                kernel,
                loss,
                weights,
                workspace,
                slice.count(),
                context(work, slice, known),
                gradient,
                out.slice(model.parameterCount(), statistics).floats(Floats.NONE),
                shardProgress);
        if (!isThere) {
            pool.giveBack(scratch);
        }
        return shardProgress.totals();
    }

    /** Rounds a shard's gradient and brings it to its place as it comes, and adds the totals. */
    private final class ShardProgress implements BackwardProgress {
        private final SamplePlan.Slice slice;
        private final Elements gradient;
        private final Elements out;
        private final SubtreeSum.Progress progress;
        private long broughtFrom = model.parameterCount();
        private long roundedFrom = model.parameterCount();
        private Totals totals = Totals.NONE;

        /**
         * Makes the progress of a shard.
         *
         * @param gradient where it comes
         * @param out where it is wanted; may be the same
         */
        ShardProgress(
                SamplePlan.Slice slice,
                Elements gradient,
                Elements out,
                SubtreeSum.Progress progress) {
            this.slice = slice;
            this.gradient = gradient;
            this.out = out;
            this.progress = progress;
        }

        @Override
        public void known(long from, double cost) {
            if (totals.equals(Totals.NONE)) {
                var correct = Accuracy.correct(data, loss, workspace, slice.count());
                totals = new Totals(slice.count(), cost, correct, slice.hash());
            }
            if (!gradient.equals(out) && from < broughtFrom) {
                var count = broughtFrom - from;
                gradient.slice(from, count).copyTo(out.slice(from, count));
                broughtFrom = from;
            }
            roundedFrom = rounding.round(out.memory(), from, roundedFrom, scratch);
            progress.known(roundedFrom, totals);
        }

        Totals totals() {
            return totals;
        }
    }
}
