package dev.tutti.common.nn;

import dev.tutti.common.kernel.Floats;
import java.lang.foreign.MemorySegment;

/** Rectified linear unit: f(z) = max(0, z), f'(z) = 1 where z &gt; 0 and 0 elsewhere. */
public record Relu() implements Activation {
    @Override
    public void forward(Site site, MemorySegment in, MemorySegment out) {
        var count = Floats.count(out);
        for (long i = 0; i < count; i++) {
            Floats.set(out, i, Math.max(0f, Floats.get(in, i)));
        }
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
            var passes = Bits.positive(Floats.get(out, i));
            Floats.set(inGradient, i, Bits.where(passes, Floats.get(outGradient, i)));
        }
    }
}
