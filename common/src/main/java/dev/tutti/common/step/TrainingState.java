package dev.tutti.common.step;

import dev.tutti.common.kernel.Floats;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * All that a run has learnt: what a checkpoint holds and what {@link WeightUpdate} changes.
 *
 * @param weights the flat vector
 * @param slots the optimizer's state, each as long as the weights
 */
public record TrainingState(MemorySegment weights, List<MemorySegment> slots) {
    /** Returns a state of zeros. */
    public static TrainingState allocate(Arena arena, long length, int slotCount) {
        var slots = new ArrayList<MemorySegment>();
        for (var i = 0; i < slotCount; i++) {
            slots.add(Floats.allocate(arena, length));
        }
        return new TrainingState(Floats.allocate(arena, length), List.copyOf(slots));
    }
}
