package dev.tutti.common.nn.init;

import dev.tutti.common.random.Seeds;
import java.lang.foreign.MemorySegment;

/** Uniform of variance 1/fanIn (LeCun et al. 1998, "Efficient BackProp", equation 16). */
public record LecunUniform() implements Initializer {
    @Override
    public void fill(Parameter parameter, Seeds random, MemorySegment out) {
        Initializers.uniform(1.0 / parameter.fanIn(), random, out);
    }
}
