package dev.tutti.common.step;

import dev.tutti.common.kernel.Floats;
import dev.tutti.common.optim.Optimizer;
import java.lang.foreign.MemorySegment;

/**
 * From the batch's gradient sum to the next weights: one division by the number of samples, then
 * the optimizer's step (law 1; BACKPROP.md, "Batch SGD").
 *
 * @param optimizer takes the step
 */
public record WeightUpdate(Optimizer optimizer) {
    /** Returns the learning rate of a step. */
    public double rate(long step) {
        return optimizer.rate();
    }

    /**
     * Takes a step.
     *
     * @param step steps taken before
     * @param samples of the batch
     * @param sum gradient sum over the batch; used as scratch
     * @param out weights and slots, changed in place
     */
    public void apply(long step, int samples, MemorySegment sum, TrainingState out) {
        Floats.divide(samples, sum);
        optimizer.step(step, rate(step), sum, out.slots(), out.weights());
    }
}
