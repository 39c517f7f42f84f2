package dev.tutti.common.nn.layer;

import java.util.function.IntToLongFunction;

/**
 * What one forward and backward pass over a shard is for: everything a layer's randomness may
 * depend on, and nothing that depends on who computes it.
 *
 * @param mode training or evaluation
 * @param seed the run's seed
 * @param step the step
 * @param sampleAt the dataset's index of the sample in a row of the shard
 * @param batch what is known of the whole batch
 */
public record PassContext(
        Mode mode, long seed, long step, IntToLongFunction sampleAt, WholeBatch batch) {
    /** Whether a pass trains or only evaluates. */
    public enum Mode {
        TRAINING,
        EVALUATION
    }

    /** A pass that only evaluates. */
    public static final PassContext EVALUATION = new PassContext(Mode.EVALUATION, 0, 0, row -> row);

    /** Makes a pass over a whole batch. */
    public PassContext(Mode mode, long seed, long step, IntToLongFunction sampleAt) {
        this(mode, seed, step, sampleAt, WholeBatch.ITSELF);
    }

    /**
     * Tells whether a layer has asked what is not known of the batch: nothing is computed further.
     */
    public boolean isOver() {
        return batch.endsPass();
    }
}
