package dev.tutti.common.step;

import dev.tutti.common.average.ShardRange;
import dev.tutti.common.average.ShardTree;
import dev.tutti.common.average.SubtreeSum;
import dev.tutti.common.average.Totals;
import dev.tutti.common.data.Dataset;
import dev.tutti.common.kernel.Floats;
import dev.tutti.common.kernel.Kernel;
import dev.tutti.common.nn.Loss;
import dev.tutti.common.nn.Losses;
import dev.tutti.common.nn.Model;
import dev.tutti.common.nn.Pass;
import dev.tutti.common.nn.Workspace;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * The whole job of one worker thread: a lease and the weights in, sums over the lease's samples out
 * (BACKPROP.md, "Backward"). What it gives depends on the lease and the weights alone.
 */
public final class ShardComputer {
    /** Most samples of one evaluation pass; more only need more memory. */
    private static final int EVALUATION_SAMPLES_MAX = 256;

    private final RunSpec spec;
    private final SamplePlan plan;
    private final Dataset data;
    private final Model model;
    private final Loss loss;
    private final Kernel kernel;
    private final Workspace workspace;
    private final ShardTree tree;
    private final VectorPool pool;

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
        this.plan = new SamplePlan(spec, spec.split(data));
        this.data = data;
        this.model = model;
        this.loss = Losses.CATALOGUE.parse(spec.loss());
        this.kernel = kernel;
        var samplesMax =
                Math.max(plan.shardSamplesMax(), Math.min(EVALUATION_SAMPLES_MAX, data.count()));
        this.workspace = new Workspace(arena, model, loss, samplesMax);
        this.tree = new ShardTree(spec.shards());
        this.pool = pool;
    }

    /**
     * Writes the gradient sum over a lease that trains, and returns its totals.
     *
     * @param out as long as the model's vector, overwritten
     */
    public Totals train(Lease lease, MemorySegment weights, MemorySegment out) {
        return new SubtreeSum(
                        tree,
                        (shard, gradient) -> trainShard(lease.work(), shard, weights, gradient),
                        pool::borrow,
                        pool::giveBack)
                .sum(lease.shards(), out);
    }

    /** Returns the totals over a lease that evaluates. */
    public Totals evaluate(Lease lease, MemorySegment weights) {
        return evaluate(lease.work(), lease.shards(), weights);
    }

    private Totals evaluate(Work work, ShardRange shards, MemorySegment weights) {
        return shards.size() == 1
                ? evaluateShard(plan.slice(work, shards), weights)
                : evaluate(work, tree.left(shards), weights)
                        .plus(evaluate(work, tree.right(shards), weights));
    }

    private Totals trainShard(Work work, int shard, MemorySegment weights, MemorySegment out) {
        var slice = plan.slice(work, new ShardRange(shard, shard + 1));
        gather(slice);
        var pass =
                new Pass(
                        Pass.Mode.TRAINING,
                        spec.seed(),
                        work.step(),
                        row -> slice.rows()[slice.from() + row]);
        var cost =
                model.lossAndGradient(kernel, loss, weights, workspace, slice.count(), pass, out);
        return new Totals(slice.count(), cost, correct(slice.count()), slice.hash());
    }

    private Totals evaluateShard(SamplePlan.Slice shard, MemorySegment weights) {
        var totals = Totals.NONE;
        for (var from = shard.from(); from < shard.to(); from += workspace.samplesMax()) {
            var to = Math.min(shard.to(), from + workspace.samplesMax());
            var block = new SamplePlan.Slice(shard.rows(), from, to);
            gather(block);
            var cost = model.loss(kernel, loss, weights, workspace, block.count(), Pass.EVALUATION);
            totals =
                    totals.plus(
                            new Totals(block.count(), cost, correct(block.count()), block.hash()));
        }
        return totals;
    }

    private void gather(SamplePlan.Slice slice) {
        data.gatherFeatures(slice.rows(), slice.from(), slice.to(), workspace.features());
        data.gatherTargets(
                slice.rows(),
                slice.from(),
                slice.to(),
                loss.targets(),
                model.output().size(),
                workspace.targets());
    }

    /** Returns how many of the last pass's samples have their largest output at their class. */
    private int correct(int samples) {
        if (!data.labelled()) {
            return 0;
        }
        var outputs = workspace.outputs(samples);
        var width = model.output().size();
        var correct = 0;
        for (var row = 0; row < samples; row++) {
            correct += predicted(outputs, row, width) == label(row) ? 1 : 0;
        }
        return correct;
    }

    /**
     * Returns the class that a row's outputs say: the first largest, or a lone one by threshold.
     */
    private int predicted(MemorySegment outputs, int row, int width) {
        return width == 1
                ? (Floats.get(outputs, row) > loss.threshold() ? 1 : 0)
                : largest(outputs, row, width);
    }

    private static int largest(MemorySegment rows, int row, int width) {
        var best = 0;
        for (var k = 1; k < width; k++) {
            if (Floats.get(rows, (long) row * width + k)
                    > Floats.get(rows, (long) row * width + best)) {
                best = k;
            }
        }
        return best;
    }

    private int label(int row) {
        var width = workspace.targetWidth();
        return width == 1
                ? (int) Floats.get(workspace.targets(), row)
                : largest(workspace.targets(), row, width);
    }
}
