package dev.tutti.common.nn.init;

import dev.tutti.common.random.Seeds;
import java.lang.foreign.MemorySegment;

/** Normal of variance 1/fanIn (LeCun et al. 1998, "Efficient BackProp", equation 16). */
public record LecunNormal() implements Initializer {
    @Override
    public void fill(Parameter parameter, Seeds random, MemorySegment out) {
        Initializers.normal(1.0 / parameter.fanIn(), random, out);
    }
}
