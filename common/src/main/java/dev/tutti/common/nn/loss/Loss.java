package dev.tutti.common.nn.loss;

import dev.tutti.common.data.Targets;
import java.lang.foreign.MemorySegment;

/**
 * The cost of samples and its derivative. A loss works in sums over samples: the average is divided
 * once (BACKPROP.md, "The cost, and why sums are enough").
 */
public interface Loss {
    /** Returns what the targets hold. */
    Targets.Kind targets();

    /**
     * Returns Σ C_i over the samples, and writes ∂C_i/∂output.
     *
     * @param samples rows
     * @param width outputs of one sample
     * @param output samples × width
     * @param target samples × 1 labels, or samples × width values
     * @param gradient samples × width, overwritten; the sum's derivative, not the mean's
     */
    double cost(
            int samples,
            int width,
            MemorySegment output,
            MemorySegment target,
            MemorySegment gradient);

    /**
     * Returns the output that says nothing but the mean of all targets, for samples of any kind.
     */
    default float outputOfMean(double mean) {
        return (float) mean;
    }

    /** Returns the value above which a lone output says class 1 rather than class 0. */
    default float threshold() {
        return 0.5f;
    }

    /**
     * Refuses a model that gives so many outputs.
     *
     * @throws dev.tutti.common.plugin.PlugInException if the loss is of another number of classes
     */
    default void requireOutputs(int outputs) {}

    /** Tells whether some classes count more than others. */
    default boolean isWeighted() {
        return false;
    }

    /** Tells whether targets are probabilities and outputs their logits. */
    default boolean ofProbabilities() {
        return false;
    }

    /** Returns the value that an output stands for, as a target would say it. */
    default double valueOf(float output) {
        return output;
    }
}
