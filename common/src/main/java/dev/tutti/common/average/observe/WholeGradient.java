package dev.tutti.common.average.observe;

import java.lang.foreign.MemorySegment;

/** Computes the gradient of a step's whole batch without the workers of the run. */
@FunctionalInterface
public interface WholeGradient {
    /**
     * Writes the sum of the gradients of all samples of a step.
     *
     * @param version steps behind the weights, which are those of the run
     * @param out as long as the model's vector; what is not trained may be anything
     */
    void write(long version, MemorySegment out);
}
