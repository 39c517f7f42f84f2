package dev.tutti.common.nn.init;

import dev.tutti.common.random.Seeds;
import java.lang.foreign.MemorySegment;

/** Uniform of variance 2/fanIn (He et al. 2015, equation 10). */
public record HeUniform() implements Initializer {
    @Override
    public void fill(Parameter parameter, Seeds random, MemorySegment out) {
        Initializers.uniform(2.0 / parameter.fanIn(), random, out);
    }
}
