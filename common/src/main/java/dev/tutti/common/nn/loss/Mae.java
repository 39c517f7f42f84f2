package dev.tutti.common.nn.loss;

import dev.tutti.common.data.Targets;
import dev.tutti.common.vector.Floats;
import java.lang.foreign.MemorySegment;

/** Mean absolute error: C_i = (1/K) Σ_k |a_k − y_k|, ∂C_i/∂a = sign(a − y)/K, 0 where they meet. */
public record Mae() implements Loss {
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
        var share = 1f / width;
        var count = (long) samples * width;
        for (long i = 0; i < count; i++) {
            var difference = Floats.get(output, i) - Floats.get(target, i);
            sum += Math.abs(difference);
            Floats.set(gradient, i, Math.signum(difference) * share);
        }
        return sum / width;
    }
}
