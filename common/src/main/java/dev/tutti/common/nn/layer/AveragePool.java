package dev.tutti.common.nn.layer;

import dev.tutti.common.vector.Floats;
import dev.tutti.common.vector.Shape;
import java.lang.foreign.MemorySegment;
import java.util.OptionalInt;

/**
 * The mean of the pixels under each window, channel by channel, as PyTorch's {@code AvgPool2d}; the
 * gradient is shared evenly.
 *
 * @param size height and width of the window
 * @param stride pixels from one window to the next; the size if left out
 */
public record AveragePool(int size, OptionalInt stride) implements Layer {
    /** Refuses sizes that make no window. */
    public AveragePool {
        Window.requireSizes(size, stride);
    }

    private Window window(Shape input) {
        return Window.over(input, size, stride.orElse(size), 0);
    }

    @Override
    public Shape outputShape(Shape input) {
        var window = window(input);
        return Shape.of(window.channels(), window.rows(), window.columns());
    }

    @Override
    public void forward(LayerCall call, MemorySegment in, MemorySegment out) {
        var window = window(call.input());
        out.fill((byte) 0);
        var at = 0L;
        for (var row = 0; row < window.planeRows(call.samples()); row++) {
            for (var pixel = 0; pixel < size * size; pixel++) {
                var from = window.corner(row) + window.pixelOffset(pixel);
                add(in, from, window.stride(), at, window.columns(), out);
            }
            at += window.columns();
        }
        Floats.divide(size * size, out);
    }

    private static void add(
            MemorySegment in, long from, int stride, long at, int count, MemorySegment out) {
        for (long i = 0; i < count; i++) {
            Floats.set(out, at + i, Floats.get(out, at + i) + Floats.get(in, from + i * stride));
        }
    }

    @Override
    public void backward(
            LayerCall call,
            MemorySegment in,
            MemorySegment out,
            MemorySegment outGradient,
            MemorySegment inGradient) {
        var window = window(call.input());
        inGradient.fill((byte) 0);
        Floats.divide(size * size, outGradient);
        var at = 0L;
        for (var row = 0; row < window.planeRows(call.samples()); row++) {
            for (var pixel = 0; pixel < size * size; pixel++) {
                var to = window.corner(row) + window.pixelOffset(pixel);
                give(outGradient, at, window.columns(), to, window.stride(), inGradient);
            }
            at += window.columns();
        }
    }

    private static void give(
            MemorySegment share, long at, int count, long to, int stride, MemorySegment out) {
        for (long i = 0; i < count; i++) {
            var pixel = to + i * stride;
            Floats.set(out, pixel, Floats.get(out, pixel) + Floats.get(share, at + i));
        }
    }
}
