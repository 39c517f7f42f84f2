package dev.tutti.common.nn.init;

import dev.tutti.common.random.Seeds;
import java.lang.foreign.MemorySegment;

/** Uniform of variance 2/(fanIn + fanOut) (Glorot and Bengio 2010, equation 16). */
public record XavierUniform() implements Initializer {
    @Override
    public void fill(Parameter parameter, Seeds random, MemorySegment out) {
        Initializers.uniform(2.0 / (parameter.fanIn() + parameter.fanOut()), random, out);
    }
}
