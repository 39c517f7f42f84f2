package dev.tutti.common.nn.init;

import dev.tutti.common.random.Seeds;
import java.lang.foreign.MemorySegment;

/** Normal of variance 2/(fanIn + fanOut) (Glorot and Bengio 2010, equation 12). */
public record XavierNormal() implements Initializer {
    @Override
    public void fill(Parameter parameter, Seeds random, MemorySegment out) {
        Initializers.normal(2.0 / (parameter.fanIn() + parameter.fanOut()), random, out);
    }
}
