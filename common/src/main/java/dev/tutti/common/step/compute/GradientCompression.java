package dev.tutti.common.step.compute;

import dev.tutti.common.average.Totals;
import dev.tutti.common.compress.CompressorState;
import dev.tutti.common.nn.Model;
import dev.tutti.common.step.run.Lease;
import dev.tutti.common.step.run.RunSpec;
import dev.tutti.common.step.run.Work;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/** Compresses what a worker has computed, if the run says so. An instance serves one thread. */
public final class GradientCompression {
    private final Optional<VectorCode> code;

    /** Makes the compression of a run's gradients. */
    public GradientCompression(RunSpec spec, Model model) {
        this.code = VectorCode.ofGradients(spec, model);
    }

    /** Tells whether anything is compressed: a gradient must then be whole before it is sent. */
    public boolean isActive() {
        return code.isPresent();
    }

    /**
     * Compresses the gradient of a lease; empty if it is sent as it is. A shard without samples has
     * an empty code, and its virtual worker keeps what it has.
     *
     * @param gradient the sum over the lease; replaced by what its code stands for
     * @param before what the virtual worker keeps
     */
    public Optional<VectorCode.Encoded> compress(
            Lease lease, Totals totals, MemorySegment gradient, CompressorState before) {
        if (code.isEmpty() || !(lease.work() instanceof Work.Train(_, var batch))) {
            return Optional.empty();
        }
        return Optional.of(
                totals.samples() == 0
                        ? new VectorCode.Encoded(new byte[0], before)
                        : code.get().encode(batch, lease.shards().from(), gradient, before));
    }
}
