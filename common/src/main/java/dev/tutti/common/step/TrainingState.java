package dev.tutti.common.step;

import dev.tutti.common.kernel.Floats;
import dev.tutti.common.nn.Model;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * All that a run has learnt: what a checkpoint holds and what a step changes.
 *
 * @param trained how many floats are trained; behind them are statistics
 * @param weights the flat vector
 * @param slots the optimizer's state, each as long as the weights
 */
public record TrainingState(long trained, MemorySegment weights, List<MemorySegment> slots) {
    /**
     * Returns a state with slots of zeros.
     *
     * @param weights where the weights are kept, as long as the model's vector
     */
    public static TrainingState allocate(
            Arena arena, Model model, int slotCount, MemorySegment weights) {
        var slots = new ArrayList<MemorySegment>();
        for (var i = 0; i < slotCount; i++) {
            slots.add(Floats.allocate(arena, model.vectorLength()));
        }
        return new TrainingState(model.parameterCount(), weights, List.copyOf(slots));
    }

    /** Returns a state of zeros. */
    public static TrainingState allocate(Arena arena, Model model, int slotCount) {
        return allocate(arena, model, slotCount, Floats.allocate(arena, model.vectorLength()));
    }

    /** Returns the same in memory of its own. */
    TrainingState copy(Arena arena) {
        var copies = new ArrayList<MemorySegment>();
        slots.forEach(slot -> copies.add(Floats.allocate(arena, Floats.count(slot))));
        var copy =
                new TrainingState(trained, Floats.allocate(arena, Floats.count(weights)), copies);
        copyTo(copy);
        return copy;
    }

    /** Copies everything to a state of the same model and optimizer. */
    void copyTo(TrainingState out) {
        Floats.copy(weights, out.weights);
        for (var i = 0; i < slots.size(); i++) {
            Floats.copy(slots.get(i), out.slots.get(i));
        }
    }
}
