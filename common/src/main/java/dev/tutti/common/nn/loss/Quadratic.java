package dev.tutti.common.nn.loss;

import dev.tutti.common.data.Targets;
import dev.tutti.common.vector.Floats;
import java.lang.foreign.MemorySegment;

/** Half the squared distance: C_i = ½ Σ_k (a_k − y_k)², ∂C_i/∂a = a − y. */
public record Quadratic() implements Loss {
    @Override
    public Targets.Kind targets() {
        return Targets.Kind.VALUES;
    }

    @Override
    public double cost(
            int samples,
            int width,
            MemorySegment output,
            MemorySegment target,
            MemorySegment gradient) {
        var sum = 0.0;
        var count = (long) samples * width;
        for (long i = 0; i < count; i++) {
            var difference = Floats.get(output, i) - Floats.get(target, i);
            sum += 0.5 * difference * difference;
            Floats.set(gradient, i, difference);
        }
        return sum;
    }
}
