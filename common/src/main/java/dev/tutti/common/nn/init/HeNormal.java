package dev.tutti.common.nn.init;

import dev.tutti.common.random.Seeds;
import java.lang.foreign.MemorySegment;

/** Normal of variance 2/fanIn (He et al. 2015, equation 10). */
public record HeNormal() implements Initializer {
    @Override
    public void fill(Parameter parameter, Seeds random, MemorySegment out) {
        Initializers.normal(2.0 / parameter.fanIn(), random, out);
    }
}
