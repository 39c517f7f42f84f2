package dev.tutti.common.step.coordinate;

import dev.tutti.common.average.Payload;
import dev.tutti.common.average.Totals;
import dev.tutti.common.compress.CompressorState;
import dev.tutti.common.nn.Model;
import dev.tutti.common.step.compute.VectorCode;
import dev.tutti.common.step.compute.VectorPool;
import dev.tutti.common.step.lease.StateHolders;
import dev.tutti.common.step.run.Lease;
import dev.tutti.common.step.run.RunSpec;
import dev.tutti.common.step.run.Work;
import dev.tutti.common.vector.Floats;
import dev.tutti.common.vector.Precision;
import java.lang.foreign.Arena;
import java.util.Optional;

/** Reads the codes of compressed gradients. */
public final class GradientDecoder {
    private final Optional<VectorCode> code;
    private final VectorPool vectors;
    private final boolean handsOn;

    /**
     * Makes the decoder of a run.
     *
     * @param handsOn whether codes are handed on as they are, as a relay does
     */
    public GradientDecoder(Arena arena, RunSpec spec, Model model, boolean handsOn) {
        this.code = VectorCode.ofGradients(spec, model);
        this.vectors = new VectorPool(arena, model.vectorLength());
        this.handsOn = handsOn;
    }

    /** Tells whether codes are handed on as they are. */
    boolean handsOn() {
        return handsOn;
    }

    /** Returns the most bytes of a code; of none, if gradients are not compressed. */
    long bytesMax() {
        return code.map(VectorCode::bytesMax).orElse(0L);
    }

    private static CompressorState before(VectorCode code, int shard, StateHolders states) {
        return !code.sharesState()
                ? CompressorState.NONE
                : states.collected(shard)
                        .map(state -> code.state(state.bytes()))
                        .orElseGet(code::zero);
    }

    /**
     * Returns the gradient that a code stands for.
     *
     * @param states of the virtual workers, of which some codes take what is shared
     * @throws IllegalArgumentException if no gradient has this code
     */
    Payload decode(Lease lease, Totals totals, byte[] bytes, StateHolders states) {
        if (code.isEmpty()) {
            throw new IllegalArgumentException(
                    "a compressed gradient in a run that compresses none");
        }
        if (!(lease.work() instanceof Work.Train(_, var batch)) || lease.shards().size() != 1) {
            throw new IllegalArgumentException("a compressed gradient for " + lease);
        }
        var vector = vectors.lend(Precision.FP32);
        try {
            if (totals.samples() > 0) {
                var shard = lease.shards().from();
                var before = before(code.get(), shard, states);
                code.get().decode(batch, shard, bytes, before, vector.floats());
            } else {
                Floats.fill(0, vector.floats());
            }
            return vector;
        } catch (RuntimeException e) {
            vector.release();
            throw e;
        }
    }
}
