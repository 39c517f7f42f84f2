package dev.tutti.common.step.course;

import dev.tutti.common.average.Totals;
import dev.tutti.common.sync.order.Task;
import dev.tutti.common.vector.Floats;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * A gradient that waits for its step: the weights that it was computed with are gone, so it cannot
 * be computed again.
 *
 * @param task whose it is
 * @param totals of its samples
 * @param gradient the sum over its samples, as long as the weights
 */
public record SavedTask(Task task, Totals totals, MemorySegment gradient) {
    SavedTask copy() {
        // How many wait is another number at every step; the copy goes with the checkpoint.
        var copied = Floats.allocate(Arena.ofAuto(), Floats.count(gradient));
        Floats.copy(gradient, copied);
        return new SavedTask(task, totals, copied);
    }
}
