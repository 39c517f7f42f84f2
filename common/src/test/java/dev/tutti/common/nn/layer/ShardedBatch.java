package dev.tutti.common.nn.layer;

import dev.tutti.common.average.ShardRange;
import dev.tutti.common.average.ShardTree;
import dev.tutti.common.average.batch.BatchStatistics;
import dev.tutti.common.kernel.PlainKernel;
import dev.tutti.common.nn.Model;
import dev.tutti.common.nn.Workspace;
import dev.tutti.common.nn.loss.Loss;
import dev.tutti.common.vector.Elements;
import dev.tutti.common.vector.Floats;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * A batch that is cut into shards: each round is measured over all shards, then each shard's
 * gradient is computed, as workers do it.
 *
 * @param features samples × input
 * @param targets samples × target width
 */
@SuppressWarnings("ArrayRecordComponent") // Never compared.
public record ShardedBatch(
        Arena arena,
        Model model,
        Loss loss,
        MemorySegment weights,
        float[] features,
        float[] targets,
        int shards) {
    /**
     * What training gives.
     *
     * @param cost Σ C_i
     * @param gradient as long as the flat vector
     */
    @SuppressWarnings("ArrayRecordComponent")
    public record Result(double cost, double[] gradient) {}

    public Result train() {
        var tree = new ShardTree(shards);
        var known = new ArrayList<BatchStatistics>();
        for (var round = 0; round < model.rounds().size(); round++) {
            known.add(measure(tree, tree.root(), known));
        }
        var gradient = new double[(int) model.vectorLength()];
        var cost = 0.0;
        for (var shard = 0; shard < shards; shard++) {
            cost += train(shard, known, gradient);
        }
        return new Result(cost, gradient);
    }

    private BatchStatistics measure(ShardTree tree, ShardRange node, List<BatchStatistics> known) {
        var round = model.rounds().get(known.size());
        if (node.size() > 1) {
            return round.plus(
                    measure(tree, tree.left(node), known), measure(tree, tree.right(node), known));
        }
        if (count(node.from()) == 0) {
            return round.none();
        }
        return model.statistics(
                new PlainKernel(),
                loss,
                Elements.of(weights),
                workspace(node.from()),
                count(node.from()),
                pass(node.from(), known),
                Elements.of(Floats.allocate(arena, model.parameterCount())),
                Floats.allocate(arena, model.vectorLength() - model.parameterCount()));
    }

    private double train(int shard, List<BatchStatistics> known, double[] out) {
        var gradient = Floats.allocate(arena, model.vectorLength());
        var cost =
                model.lossAndGradient(
                        new PlainKernel(),
                        loss,
                        weights,
                        workspace(shard),
                        count(shard),
                        pass(shard, known),
                        gradient);
        for (var i = 0; i < out.length; i++) {
            out[i] += Floats.get(gradient, i);
        }
        return cost;
    }

    private PassContext pass(int shard, List<BatchStatistics> known) {
        return new PassContext(
                PassContext.Mode.TRAINING, 1, 1, row -> from(shard) + row, WholeBatch.of(known));
    }

    private Workspace workspace(int shard) {
        var workspace = new Workspace(arena, model, loss, Math.max(1, count(shard)));
        fill(features, shard, workspace.features());
        fill(targets, shard, workspace.targets());
        return workspace;
    }

    private void fill(float[] all, int shard, MemorySegment out) {
        var width = all.length / samples();
        for (var i = 0; i < count(shard) * width; i++) {
            Floats.set(out, i, all[from(shard) * width + i]);
        }
    }

    private int samples() {
        return features.length / model.input().size();
    }

    private int from(int shard) {
        return shard * samples() / shards;
    }

    private int count(int shard) {
        return from(shard + 1) - from(shard);
    }
}
