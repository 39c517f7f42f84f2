package dev.tutti.common.step.coordinate;

import dev.tutti.common.average.Chunks;
import dev.tutti.common.average.StepLens;
import dev.tutti.common.average.observe.Microscope;
import dev.tutti.common.average.observe.Observing;
import dev.tutti.common.average.observe.WholeGradient;
import dev.tutti.common.partition.Iid;
import dev.tutti.common.step.run.RunSpec;
import dev.tutti.common.step.run.SamplePlan;
import dev.tutti.common.vector.Precision;
import java.lang.foreign.Arena;

/** The {@link StepLens} of a run, from what is known of the run. */
final class RunLens {
    /** What one rounding to bfloat16 may change of a number, relative to itself. */
    private static final double BF16_ROUNDING = 1.0 / 128;

    private RunLens() {}

    /**
     * Returns the lens.
     *
     * @param arena for the vectors of proofs
     * @param prover computes whole batches, if steps are proved
     */
    static StepLens of(
            Arena arena,
            RunSpec spec,
            SamplePlan plan,
            Chunks chunks,
            Observing observing,
            WholeGradient prover) {
        return new StepLens(
                arena,
                observing,
                Microscope.of(spec.averaging(), observing, population(spec, plan)),
                chunks,
                spec.wire().precision() == Precision.FP32 ? 0 : BF16_ROUNDING,
                prover);
    }

    /**
     * Returns how many samples there are, if shards differ by nothing but which they have drawn.
     */
    private static long population(RunSpec spec, SamplePlan plan) {
        return spec.dataPartition() instanceof Iid
                        && !spec.keepsTasks()
                        && !spec.syncMode().isLocal()
                ? plan.trainingSamples()
                : 0;
    }
}
