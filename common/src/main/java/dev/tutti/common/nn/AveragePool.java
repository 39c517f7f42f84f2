package dev.tutti.common.nn;

import dev.tutti.common.kernel.Floats;
import dev.tutti.common.plugin.Bounds;
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
                Floats.set(out, at, mean(corner, window.size(), window.width(), in));
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
            backward(window, plane, outGradient, inGradient);
        }
    }

    private static void backward(
            Window window, int plane, MemorySegment outGradient, MemorySegment inGradient) {
        var at = (long) plane * window.places();
        for (var row = 0; row < window.rows(); row++) {
            for (var column = 0; column < window.columns(); column++) {
                var corner = window.corner(plane, row, column);
                var share = Floats.get(outGradient, at) / (window.size() * window.size());
                addToAll(share, corner, window.size(), window.width(), inGradient);
                at++;
            }
        }
    }

    private static float mean(long corner, int size, int width, MemorySegment in) {
        var sum = 0.0;
        for (var y = 0; y < size; y++) {
            sum += Rows.sum(corner + (long) y * width, size, in);
        }
        return (float) (sum / (size * size));
    }

    private static void addToAll(float share, long corner, int size, int width, MemorySegment out) {
        for (var y = 0; y < size; y++) {
            Rows.add(share, corner + (long) y * width, size, out);
        }
    }
}
