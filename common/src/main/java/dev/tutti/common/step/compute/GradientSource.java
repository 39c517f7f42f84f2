package dev.tutti.common.step.compute;

import dev.tutti.common.average.SubtreeSum;
import dev.tutti.common.average.Totals;
import dev.tutti.common.average.batch.BatchStatistics;
import dev.tutti.common.data.Dataset;
import dev.tutti.common.kernel.Kernel;
import dev.tutti.common.nn.Model;
import dev.tutti.common.step.run.Lease;
import dev.tutti.common.step.run.RunSpec;
import dev.tutti.common.vector.Elements;
import dev.tutti.common.vector.Precision;
import java.lang.foreign.Arena;
import java.util.List;

/**
 * Where a worker's contributions come from: {@link ShardComputer} computes them; a measurement of
 * everything else hands in ready ones. What it gives depends on the lease and the weights alone. An
 * instance serves one thread.
 */
public interface GradientSource {
    /** Returns the precision of the gradient sum over a lease that trains. */
    Precision precision(Lease lease);

    /**
     * Writes the gradient sum over a lease that trains, and returns its totals.
     *
     * @param weights of the version that the lease needs
     * @param known statistics of the batch, of all rounds
     * @param out as long as the model's vector, of {@link #precision}, overwritten
     * @param progress may be told of the sum as it comes
     */
    Totals train(
            Lease lease,
            Elements weights,
            List<BatchStatistics> known,
            Elements out,
            SubtreeSum.Progress progress);

    /**
     * Returns the statistics over a lease that measures.
     *
     * @param weights of the version that the lease needs
     * @param known statistics of the batch, of all rounds before
     */
    Measured measure(Lease lease, Elements weights, List<BatchStatistics> known);

    /** Returns the totals over a lease that evaluates. */
    Totals evaluate(Lease lease, Elements weights);

    /**
     * What a lease that measures gives.
     *
     * @param totals of its samples, without a loss
     * @param statistics added up along the shard tree
     */
    record Measured(Totals totals, BatchStatistics statistics) {}

    /** Makes the source of each worker of a run. */
    interface Factory {
        /**
         * Returns the source of one worker.
         *
         * @param arena for memory of its own
         * @param data that the spec's digest names
         * @param pool lends vectors as long as the model's
         */
        GradientSource make(
                Arena arena,
                RunSpec spec,
                Dataset data,
                Model model,
                Kernel kernel,
                VectorPool pool);
    }
}
