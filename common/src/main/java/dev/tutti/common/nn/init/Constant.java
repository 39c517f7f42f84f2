package dev.tutti.common.nn.init;

import dev.tutti.common.plugin.Bounds;
import dev.tutti.common.random.Seeds;
import dev.tutti.common.vector.Floats;
import java.lang.foreign.MemorySegment;

/**
 * The same value everywhere.
 *
 * @param value that value
 */
public record Constant(double value) implements Initializer {
    /** Refuses a value that is not finite. */
    public Constant {
        Bounds.finite("value", value);
    }

    @Override
    public void fill(Parameter parameter, Seeds random, MemorySegment out) {
        Floats.fill((float) value, out);
    }
}
