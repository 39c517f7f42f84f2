package dev.tutti.common.optim;

import java.lang.foreign.MemorySegment;

/**
 * A price on the size of the weights, added to a batch's mean cost. It works on any range of the
 * trained weights: elements do not mix.
 */
public interface Regularizer {
    /** Returns the price of a range of the weights. */
    double penalty(MemorySegment weights);

    /** Adds the price's derivative to the first {@code count} floats of the mean gradient. */
    void addGradient(int count, float[] weights, float[] gradient);
}
