package dev.tutti.common.nn.loss;

import dev.tutti.common.data.Targets;
import dev.tutti.common.vector.Floats;
import java.lang.foreign.MemorySegment;

/** Mean squared error: C_i = (1/K) Σ_k (a_k − y_k)², ∂C_i/∂a = (2/K)(a − y). */
public record Mse() implements Loss {
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
        var factor = 2f / width;
        var count = (long) samples * width;
        for (long i = 0; i < count; i++) {
            var difference = Floats.get(output, i) - Floats.get(target, i);
            sum += (double) difference * difference;
            Floats.set(gradient, i, factor * difference);
        }
        return sum / width;
    }
}
