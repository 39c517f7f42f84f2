package dev.tutti.common.nn;

import dev.tutti.common.kernel.FloatMath;
import dev.tutti.common.kernel.Floats;
import java.lang.foreign.MemorySegment;

/** Hyperbolic tangent: f'(z) = 1 − f(z)². */
public record Tanh() implements Activation {
    @Override
    public void forward(Site site, MemorySegment in, MemorySegment out) {
        FloatMath.tanh(in, out);
    }

    @Override
    public void backward(
            Site site,
            MemorySegment in,
            MemorySegment out,
            MemorySegment outGradient,
            MemorySegment inGradient) {
        var count = Floats.count(inGradient);
        for (long i = 0; i < count; i++) {
            var a = Floats.get(out, i);
            Floats.set(inGradient, i, Floats.get(outGradient, i) * (1f - a * a));
        }
    }
}
