package dev.tutti.common.step.course;

import dev.tutti.common.vector.Floats;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Weights of an earlier version, as workers get them: tasks are still computed with them.
 *
 * @param version steps behind them
 * @param weights as long as the model's vector; of rounded ones, their values
 */
public record SavedVersion(long version, MemorySegment weights) {
    SavedVersion copy() {
        var copied = Floats.allocate(Arena.ofAuto(), Floats.count(weights));
        Floats.copy(weights, copied);
        return new SavedVersion(version, copied);
    }
}
