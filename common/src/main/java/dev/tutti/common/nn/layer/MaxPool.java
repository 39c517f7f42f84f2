package dev.tutti.common.nn.layer;

import dev.tutti.common.vector.Floats;
import dev.tutti.common.vector.Shape;
import java.lang.foreign.MemorySegment;
import java.util.OptionalInt;

/**
 * The largest pixel under each window, channel by channel, as PyTorch's {@code MaxPool2d}; the
 * gradient goes to that pixel alone, the first of equals.
 *
 * @param size height and width of the window
 * @param stride pixels from one window to the next; the size if left out
 */
public record MaxPool(int size, OptionalInt stride) implements Layer {
    /** Refuses sizes that make no window. */
    public MaxPool {
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

    /** For one row of windows: all ones where no pixel has got the gradient yet. */
    @Override
    public long scratchFloats(Shape input, int samples) {
        return window(input).columns();
    }

    @Override
    public void forward(LayerCall call, MemorySegment in, MemorySegment out) {
        var window = window(call.input());
        var at = 0L;
        for (var row = 0; row < window.planeRows(call.samples()); row++) {
            var corner = window.corner(row);
            first(in, corner, window.stride(), at, window.columns(), out);
            for (var pixel = 1; pixel < size * size; pixel++) {
                var from = corner + window.pixelOffset(pixel);
                max(in, from, window.stride(), at, window.columns(), out);
            }
            at += window.columns();
        }
    }

    private static void first(
            MemorySegment in, long from, int stride, long at, int count, MemorySegment out) {
        for (long i = 0; i < count; i++) {
            Floats.set(out, at + i, Floats.get(in, from + i * stride));
        }
    }

    private static void max(
            MemorySegment in, long from, int stride, long at, int count, MemorySegment out) {
        for (long i = 0; i < count; i++) {
            var value = Floats.get(in, from + i * stride);
            Floats.set(out, at + i, Math.max(Floats.get(out, at + i), value));
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
        var free = call.scratch();
        inGradient.fill((byte) 0);
        var at = 0L;
        for (var row = 0; row < window.planeRows(call.samples()); row++) {
            var corner = window.corner(row);
            free.fill((byte) -1);
            for (var pixel = 0; pixel < size * size; pixel++) {
                var from = corner + window.pixelOffset(pixel);
                give(at, from, window, in, out, outGradient, free, inGradient);
            }
            at += window.columns();
        }
    }

    private static void give(
            long at,
            long from,
            Window window,
            MemorySegment in,
            MemorySegment out,
            MemorySegment outGradient,
            MemorySegment free,
            MemorySegment inGradient) {
        var stride = window.stride();
        var count = window.columns();
        for (var i = 0; i < count; i++) {
            var pixel = from + (long) i * stride;
            var isMax = Bits.same(Floats.get(in, pixel), Floats.get(out, at + i));
            var isFree = Float.floatToRawIntBits(Floats.get(free, i));
            Floats.set(free, i, Float.intBitsToFloat(isFree & ~isMax));
            var share = Bits.where(isMax & isFree, Floats.get(outGradient, at + i));
            Floats.set(inGradient, pixel, Floats.get(inGradient, pixel) + share);
        }
    }
}
