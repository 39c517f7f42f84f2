package dev.tutti.common.step.course;

import dev.tutti.common.vector.Floats;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * A vector that a run keeps from step to step beside weights and slots, such as the momentum of a
 * virtual worker.
 *
 * @param name unique in the run
 * @param values as many as weights
 */
public record SavedVector(String name, MemorySegment values) {
    SavedVector copy() {
        var copied = Floats.allocate(Arena.ofAuto(), Floats.count(values));
        Floats.copy(values, copied);
        return new SavedVector(name, copied);
    }
}
