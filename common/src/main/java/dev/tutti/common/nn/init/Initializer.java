package dev.tutti.common.nn.init;

import dev.tutti.common.random.Seeds;
import java.lang.foreign.MemorySegment;

/** Draws a parameter's starting values, from the run's seed alone. */
public interface Initializer {
    /**
     * Fills {@code out} with the starting values of {@code parameter}.
     *
     * @param random a stream of its own for this parameter
     */
    void fill(Parameter parameter, Seeds random, MemorySegment out);
}
