package dev.tutti.common.step.course;

import dev.tutti.common.vector.Floats;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * The best epoch of a run so far.
 *
 * @param loss its validation loss, infinite before the first
 * @param step steps behind its weights, 0 before the first
 * @param epochsSince epochs that were no better since
 * @param weights its weights; empty where early stopping does not ask for them
 */
public record SavedBest(double loss, long step, int epochsSince, MemorySegment weights) {
    SavedBest copy(Arena arena) {
        return copyTo(Floats.allocate(arena, Floats.count(weights)));
    }

    SavedBest copyOver(SavedBest earlier) {
        return copyTo(earlier.weights);
    }

    private SavedBest copyTo(MemorySegment out) {
        Floats.copy(weights, out);
        return new SavedBest(loss, step, epochsSince, out);
    }
}
