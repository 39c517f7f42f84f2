package dev.tutti.common.step.course;

import dev.tutti.common.vector.Floats;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * The moving average of a virtual worker's gradients.
 *
 * @param worker the virtual worker
 * @param momentum as long as the weights
 */
public record SavedMomentum(int worker, MemorySegment momentum) {
    SavedMomentum copy() {
        var copied = Floats.allocate(Arena.ofAuto(), Floats.count(momentum));
        Floats.copy(momentum, copied);
        return new SavedMomentum(worker, copied);
    }
}
