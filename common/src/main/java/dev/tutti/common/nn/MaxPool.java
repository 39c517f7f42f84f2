package dev.tutti.common.nn;

import dev.tutti.common.kernel.Floats;
import dev.tutti.common.plugin.Bounds;
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
        Bounds.atLeast("size", 1, size);
        if (stride.isPresent()) {
            Bounds.atLeast("stride", 1, stride.getAsInt());
        }
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
    public void forward(Site site, MemorySegment in, MemorySegment out) {
        var window = window(site.input());
        for (var plane = 0; plane < site.samples() * window.channels(); plane++) {
            forward(window, plane, in, out);
        }
    }

    private static void forward(Window window, int plane, MemorySegment in, MemorySegment out) {
        var at = (long) plane * window.places();
        for (var row = 0; row < window.rows(); row++) {
            for (var column = 0; column < window.columns(); column++) {
                var corner = window.corner(plane, row, column);
                Floats.set(out, at, max(corner, window.size(), window.width(), in));
                at++;
            }
        }
    }

    @Override
    public void backward(
            Site site,
            MemorySegment in,
            MemorySegment out,
            MemorySegment outGradient,
            MemorySegment inGradient) {
        var window = window(site.input());
        inGradient.fill((byte) 0);
        for (var plane = 0; plane < site.samples() * window.channels(); plane++) {
            backward(window, plane, in, outGradient, inGradient);
        }
    }

    private static void backward(
            Window window,
            int plane,
            MemorySegment in,
            MemorySegment outGradient,
            MemorySegment inGradient) {
        var at = (long) plane * window.places();
        for (var row = 0; row < window.rows(); row++) {
            for (var column = 0; column < window.columns(); column++) {
                var corner = window.corner(plane, row, column);
                var place = placeOfMax(corner, window.size(), window.width(), in);
                var sum = Floats.get(inGradient, place) + Floats.get(outGradient, at);
                Floats.set(inGradient, place, sum);
                at++;
            }
        }
    }

    private static float max(long corner, int size, int width, MemorySegment in) {
        return Floats.get(in, placeOfMax(corner, size, width, in));
    }

    private static long placeOfMax(long corner, int size, int width, MemorySegment in) {
        var place = corner;
        var max = Floats.get(in, corner);
        for (var y = 0; y < size; y++) {
            var from = corner + (long) y * width;
            for (var i = from; i < from + size; i++) {
                var value = Floats.get(in, i);
                // A NaN is carried on, so that a broken run is seen.
                if (value > max || Float.isNaN(value)) {
                    max = value;
                    place = i;
                }
            }
        }
        return place;
    }
}
