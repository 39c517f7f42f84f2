package dev.tutti.common.optim;

import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * Turns the mean gradient into the next weights. The state between steps (slots) belongs to the
 * caller, so a checkpoint needs no code here.
 */
public interface Optimizer {
    /** Returns the learning rate before any schedule. */
    double rate();

    /**
     * Returns how many vectors of state it keeps, each as long as the weights and zero at first.
     */
    int slotCount();

    /**
     * Takes one step over a stretch of the flat vector. All vectors have the stretch's length, and
     * elements do not mix, so the stretches of a step may come in any order.
     *
     * @param step steps taken before this one
     * @param rate the rate of this step
     * @param gradient the mean gradient; may be used as scratch
     * @param slots the state, changed in place
     * @param weights changed in place
     */
    void step(
            long step,
            double rate,
            MemorySegment gradient,
            List<MemorySegment> slots,
            MemorySegment weights);
}
