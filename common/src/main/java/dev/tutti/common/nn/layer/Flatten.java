package dev.tutti.common.nn.layer;

import dev.tutti.common.vector.Floats;
import dev.tutti.common.vector.Shape;
import java.lang.foreign.MemorySegment;

/** Takes a sample of any shape as a vector, as PyTorch's {@code Flatten}. */
public record Flatten() implements Layer {
    @Override
    public Shape outputShape(Shape input) {
        return Shape.of(input.size());
    }

    @Override
    public void forward(LayerCall call, MemorySegment in, MemorySegment out) {
        Floats.copy(in, out);
    }

    @Override
    public void backward(
            LayerCall call,
            MemorySegment in,
            MemorySegment out,
            MemorySegment outGradient,
            MemorySegment inGradient) {
        Floats.copy(outGradient, inGradient);
    }
}
