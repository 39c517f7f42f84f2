package dev.tutti.common.nn.init;

import dev.tutti.common.random.Seeds;
import java.lang.foreign.MemorySegment;

/** Zero everywhere. Units that start equal stay equal: only for a model of one layer. */
public record Zero() implements Initializer {
    @Override
    public void fill(Parameter parameter, Seeds random, MemorySegment out) {
        out.fill((byte) 0);
    }
}
