package dev.tutti.common.nn.layer;

import dev.tutti.common.nn.loss.Rows;
import dev.tutti.common.vector.Floats;
import dev.tutti.common.vector.Shape;
import java.lang.foreign.MemorySegment;

/**
 * The mean of each channel, as a vector (Lin et al. 2014); the gradient is shared evenly. PyTorch
 * writes it {@code AdaptiveAvgPool2d(1)} and {@code Flatten}.
 */
public record GlobalAveragePool() implements Layer {
    @Override
    public Shape outputShape(Shape input) {
        if (input.rank() < 2) {
            throw new IllegalArgumentException(
                    "takes an image of channels × height × width, found " + input);
        }
        return Shape.of(input.extent(0));
    }

    @Override
    public void forward(LayerCall call, MemorySegment in, MemorySegment out) {
        var size = call.input().size() / call.input().extent(0);
        var count = Floats.count(out);
        for (long i = 0; i < count; i++) {
            Floats.set(out, i, (float) (Rows.sum(i * size, size, in) / size));
        }
    }

    @Override
    public void backward(
            LayerCall call,
            MemorySegment in,
            MemorySegment out,
            MemorySegment outGradient,
            MemorySegment inGradient) {
        var size = call.input().size() / call.input().extent(0);
        var count = Floats.count(outGradient);
        for (long i = 0; i < count; i++) {
            var share = Floats.get(outGradient, i) / size;
            Floats.fill(share, Floats.slice(inGradient, i * size, size));
        }
    }
}
