package dev.tutti.common.step.course;

import dev.tutti.common.compress.CompressorState;
import dev.tutti.common.step.compute.VectorCode;
import dev.tutti.common.vector.Floats;
import java.util.Optional;

/**
 * Makes the code of each change of the weights: p ← p + decode(C(w − p)), where w is the weights
 * and p is what workers have. What a code leaves out is w − p, so the next code has it in its
 * input: this is error feedback, and its residual needs no vector beside p (Tang et al. 2019,
 * "DoubleSqueeze", whose server does the same with the mean gradient).
 */
final class SentChanges {
    private final VectorCode code;
    private final CompressorState nothing;
    private byte[] newest = {};
    private long version = PublishedWeights.NO_VERSION;

    SentChanges(VectorCode code) {
        this.code = code;
        this.nothing = code.zero();
    }

    /** Makes ready what workers get after the step at hand, which is all there. */
    void step(long before, TrainingState state) {
        var sent = state.sent();
        var after = state.nextPublished().floats();
        Floats.copy(state.stepping().after(), after);
        Floats.subtract(sent, after);
        newest = code.encode(before, 0, after, nothing).code();
        Floats.add(sent, after);
        Floats.copy(after, sent);
        version = before + 1;
    }

    /** Returns the code of the change to a version from the one before, if it is the newest. */
    Optional<byte[]> of(long wanted) {
        return wanted == version ? Optional.of(newest) : Optional.empty();
    }

    /** The run has gone back, or on from a checkpoint. */
    void forget() {
        version = PublishedWeights.NO_VERSION;
    }
}
