package dev.tutti.deploy.bench.measure;

import dev.tutti.common.average.SubtreeSum;
import dev.tutti.common.average.Totals;
import dev.tutti.common.average.batch.BatchStatistics;
import dev.tutti.common.data.Dataset;
import dev.tutti.common.kernel.Kernel;
import dev.tutti.common.nn.Model;
import dev.tutti.common.step.compute.GradientSource;
import dev.tutti.common.step.compute.VectorPool;
import dev.tutti.common.step.run.Lease;
import dev.tutti.common.step.run.RunSpec;
import dev.tutti.common.step.run.SamplePlan;
import dev.tutti.common.vector.Elements;
import dev.tutti.common.vector.Floats;
import dev.tutti.common.vector.Precision;
import java.lang.foreign.Arena;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Gradients that cost nothing to compute: each vector is written once, and handed in as it is from
 * then on. What is left of a step is the average: sending, adding, stepping, and the new weights.
 */
final class ReadyGradients implements GradientSource {
    private static final float ELEMENT = 1e-6f;

    private final SamplePlan plan;
    private final Set<Long> written = new HashSet<>();

    /** As {@link GradientSource.Factory}. */
    ReadyGradients(
            Arena arena, RunSpec spec, Dataset data, Model model, Kernel kernel, VectorPool pool) {
        this.plan = new SamplePlan(spec, data);
    }

    @Override
    public Precision precision(Lease lease) {
        return Precision.FP32;
    }

    @Override
    public Totals train(
            Lease lease,
            Elements weights,
            List<BatchStatistics> known,
            Elements out,
            SubtreeSum.Progress progress) {
        if (written.add(out.memory().address())) {
            Floats.fill(ELEMENT, out.floats());
        }
        return totals(lease);
    }

    /** Never asked: the models whose average is measured normalise nothing. */
    @Override
    public Measured measure(Lease lease, Elements weights, List<BatchStatistics> known) {
        throw new UnsupportedOperationException("there are no statistics of " + lease);
    }

    @Override
    public Totals evaluate(Lease lease, Elements weights) {
        return totals(lease);
    }

    private Totals totals(Lease lease) {
        var slice = plan.slice(lease.work(), lease.shards());
        return new Totals(slice.count(), 1, 0, slice.hash());
    }
}
