package dev.tutti.common.nn.layer;

import dev.tutti.common.vector.Floats;
import java.lang.foreign.MemorySegment;

/** Rectified linear unit: f(z) = max(0, z), f'(z) = 1 where z &gt; 0 and 0 elsewhere. */
public record Relu() implements Activation {
    @Override
    public void forward(LayerCall call, MemorySegment in, MemorySegment out) {
        Floats.positivePart(in, out);
    }

    @Override
    public void backward(
            LayerCall call,
            MemorySegment in,
            MemorySegment out,
            MemorySegment outGradient,
            MemorySegment inGradient) {
        Floats.keepWherePositive(out, outGradient, inGradient);
    }
}
