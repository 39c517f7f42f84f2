package dev.tutti.common.step.compute;

import dev.tutti.common.average.ShardRange;
import dev.tutti.common.average.batch.BatchStatistics;
import dev.tutti.common.data.Dataset;
import dev.tutti.common.kernel.Kernel;
import dev.tutti.common.nn.Model;
import dev.tutti.common.nn.Workspace;
import dev.tutti.common.nn.layer.BackwardProgress;
import dev.tutti.common.nn.layer.PassContext;
import dev.tutti.common.nn.layer.WholeBatch;
import dev.tutti.common.nn.loss.Loss;
import dev.tutti.common.nn.loss.Losses;
import dev.tutti.common.step.run.RunSpec;
import dev.tutti.common.step.run.SamplePlan;
import dev.tutti.common.step.run.Work;
import dev.tutti.common.vector.Elements;
import dev.tutti.common.vector.Floats;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * Computes the gradient of a whole batch at once: it knows no shards, no leases and no sums of
 * others. What a cluster makes of the same batch must be this, up to rounding (law 1).
 */
public final class WholeBatchGradient {
    private final RunSpec spec;
    private final SamplePlan plan;
    private final Dataset data;
    private final Model model;
    private final Loss loss;
    private final Kernel kernel;
    private final Workspace workspace;

    /**
     * Makes the computer of a run.
     *
     * @param arena for the activations of a whole batch
     * @param data that the spec's digest names
     */
    public WholeBatchGradient(Arena arena, RunSpec spec, Dataset data, Kernel kernel) {
        this.spec = spec;
        this.plan = new SamplePlan(spec, data);
        this.data = data;
        this.model = spec.buildModel();
        this.loss = Losses.CATALOGUE.parse(spec.loss());
        this.kernel = kernel;
        this.workspace =
                new Workspace(arena, model, loss, Math.min(spec.batch(), plan.trainingSamples()));
    }

    /**
     * Writes the sum of the gradients of all samples of a step.
     *
     * @param weights as workers get them
     * @param known statistics of the batch, of all rounds
     * @param out as long as the model's vector
     */
    public void write(
            Work.Train work, Elements weights, List<BatchStatistics> known, MemorySegment out) {
        var all = plan.slice(work, new ShardRange(0, spec.shards()));
        all.gather(data, loss, model.output().size(), workspace);
        model.lossAndGradient(
                kernel,
                loss,
                weights,
                workspace,
                all.count(),
                new PassContext(
                        PassContext.Mode.TRAINING,
                        spec.seed(),
                        work.batch(),
                        row -> all.rows()[all.from() + row],
                        WholeBatch.of(known)),
                Elements.of(Floats.slice(out, 0, model.parameterCount())),
                Floats.slice(
                        out, model.parameterCount(), model.vectorLength() - model.parameterCount()),
                BackwardProgress.NONE);
    }
}
