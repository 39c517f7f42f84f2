package dev.tutti.common.nn.layer;

import dev.tutti.common.vector.FloatMath;
import dev.tutti.common.vector.Floats;
import java.lang.foreign.MemorySegment;

/** Smooth rectifier: f(z) = log(1 + eᶻ), f'(z) = 1/(1 + e⁻ᶻ) (Dugas et al. 2001). */
public record Softplus() implements Activation {
    @Override
    public void forward(LayerCall call, MemorySegment in, MemorySegment out) {
        var count = Floats.count(out);
        for (long i = 0; i < count; i++) {
            var z = Floats.get(in, i);
            // log(1 + eᶻ) = z + log(1 + e⁻ᶻ): the exponent is never positive, so nothing overflows.
            Floats.set(out, i, Math.max(0f, z) + FloatMath.log1p(FloatMath.exp(-Math.abs(z))));
        }
    }

    @Override
    public void backward(
            LayerCall call,
            MemorySegment in,
            MemorySegment out,
            MemorySegment outGradient,
            MemorySegment inGradient) {
        var count = Floats.count(inGradient);
        for (long i = 0; i < count; i++) {
            var slope = FloatMath.sigmoid(Floats.get(in, i));
            Floats.set(inGradient, i, Floats.get(outGradient, i) * slope);
        }
    }
}
