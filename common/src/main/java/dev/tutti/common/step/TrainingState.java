package dev.tutti.common.step;

import dev.tutti.common.kernel.Floats;
import dev.tutti.common.nn.Model;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * All that a run has learnt: what a checkpoint holds and what a step changes. There are two buffers
 * of weights: a step reads the one and writes the other, so the weights before a step stay whole
 * until all of it is done.
 */
public final class TrainingState {
    private final long trained;
    private final List<MemorySegment> slots;
    private MemorySegment weights;
    private MemorySegment next;

    /**
     * Makes a state over given memory.
     *
     * @param trained how many floats are trained; behind them are statistics
     * @param weights the flat vector
     * @param next room for the flat vector after a step
     * @param slots the optimizer's state, each as long as the weights
     */
    public TrainingState(
            long trained, MemorySegment weights, MemorySegment next, List<MemorySegment> slots) {
        this.trained = trained;
        this.weights = weights;
        this.next = next;
        this.slots = List.copyOf(slots);
    }

    /**
     * Returns a state with slots of zeros.
     *
     * @param weights where the weights are kept, as long as the model's vector
     * @param next the other place for them
     */
    public static TrainingState allocate(
            Arena arena, Model model, int slotCount, MemorySegment weights, MemorySegment next) {
        var slots = new ArrayList<MemorySegment>();
        for (var i = 0; i < slotCount; i++) {
            slots.add(Floats.allocate(arena, model.vectorLength()));
        }
        return new TrainingState(model.parameterCount(), weights, next, slots);
    }

    /** Returns a state of zeros. */
    public static TrainingState allocate(Arena arena, Model model, int slotCount) {
        return allocate(
                arena,
                model,
                slotCount,
                Floats.allocate(arena, model.vectorLength()),
                Floats.allocate(arena, model.vectorLength()));
    }

    /** Returns how many floats are trained; behind them are statistics. */
    public long trained() {
        return trained;
    }

    /** Returns the flat vector. */
    public MemorySegment weights() {
        return weights;
    }

    /** Returns the optimizer's state, each as long as the weights. */
    public List<MemorySegment> slots() {
        return slots;
    }

    /** Returns where the step at hand writes the weights. */
    MemorySegment next() {
        return next;
    }

    /** Makes what the step has written the weights. */
    void turnOver() {
        var before = weights;
        weights = next;
        next = before;
    }

    /** Returns the same in memory of its own, for keeping and not for steps. */
    TrainingState copy(Arena arena) {
        var copies = new ArrayList<MemorySegment>();
        slots.forEach(slot -> copies.add(Floats.allocate(arena, Floats.count(slot))));
        var copy =
                new TrainingState(
                        trained,
                        Floats.allocate(arena, Floats.count(weights)),
                        Floats.NONE,
                        copies);
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
