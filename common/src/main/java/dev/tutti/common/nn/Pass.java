package dev.tutti.common.nn;

import java.util.function.IntToLongFunction;

/**
 * What one forward and backward pass over a shard is for: everything a layer's randomness may
 * depend on, and nothing that depends on who computes it.
 *
 * @param mode training or evaluation
 * @param seed the run's seed
 * @param step the step
 * @param sampleAt the dataset's index of the sample in a row of the shard
 */
public record Pass(Mode mode, long seed, long step, IntToLongFunction sampleAt) {
    /** Whether a pass trains or only evaluates. */
    public enum Mode {
        TRAINING,
        EVALUATION
    }

    /** A pass that only evaluates. */
    public static final Pass EVALUATION = new Pass(Mode.EVALUATION, 0, 0, row -> row);
}
