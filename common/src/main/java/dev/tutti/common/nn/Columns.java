package dev.tutti.common.nn;

import dev.tutti.common.kernel.Floats;
import java.lang.foreign.MemorySegment;

/**
 * Images as matrices of columns: column p holds the pixels that a window sees at place p, so that a
 * convolution is one matrix product (Chellapilla et al. 2006).
 */
final class Columns {
    private Columns() {}

    /**
     * Writes the columns of one image.
     *
     * @param image the vector that holds it, from {@code at} on
     * @param out pixels × places; zero where the window lies beside the image
     */
    static void gather(Window window, MemorySegment image, long at, MemorySegment out) {
        var line = 0L;
        for (var channel = 0; channel < window.channels(); channel++) {
            for (var y = 0; y < window.size(); y++) {
                for (var x = 0; x < window.size(); x++) {
                    gatherPixel(window, channel, y, x, image, at, line, out);
                    line += window.places();
                }
            }
        }
    }

    private static void gatherPixel(
            Window window,
            int channel,
            int y,
            int x,
            MemorySegment image,
            long at,
            long line,
            MemorySegment out) {
        var columns = window.columns();
        var first = window.firstColumn(x);
        var last = window.lastColumn(x);
        for (var row = 0; row < window.rows(); row++) {
            var pixelRow = row * window.stride() + y - window.padding();
            var to = line + (long) row * columns;
            if (pixelRow < 0 || pixelRow >= window.height()) {
                zero(to, columns, out);
            } else {
                var from = pixelAt(window, channel, pixelRow, first, x, at);
                zero(to, first, out);
                copy(image, from, window.stride(), to + first, last - first, out);
                zero(to + last, columns - last, out);
            }
        }
    }

    /**
     * Adds columns to the image they came from: the transpose of {@link #gather}.
     *
     * @param columns pixels × places
     * @param at where the image starts in {@code out}
     */
    static void scatter(Window window, MemorySegment columns, long at, MemorySegment out) {
        var line = 0L;
        for (var channel = 0; channel < window.channels(); channel++) {
            for (var y = 0; y < window.size(); y++) {
                for (var x = 0; x < window.size(); x++) {
                    scatterPixel(window, channel, y, x, columns, line, at, out);
                    line += window.places();
                }
            }
        }
    }

    private static void scatterPixel(
            Window window,
            int channel,
            int y,
            int x,
            MemorySegment columns,
            long line,
            long at,
            MemorySegment out) {
        var first = window.firstColumn(x);
        var last = window.lastColumn(x);
        for (var row = 0; row < window.rows(); row++) {
            var pixelRow = row * window.stride() + y - window.padding();
            if (pixelRow >= 0 && pixelRow < window.height()) {
                var to = pixelAt(window, channel, pixelRow, first, x, at);
                var from = line + (long) row * window.columns() + first;
                add(columns, from, to, window.stride(), last - first, out);
            }
        }
    }

    private static long pixelAt(
            Window window, int channel, int pixelRow, int column, int x, long at) {
        return at
                + ((long) channel * window.height() + pixelRow) * window.width()
                + (long) column * window.stride()
                + x
                - window.padding();
    }

    private static void zero(long at, int count, MemorySegment out) {
        for (var i = at; i < at + count; i++) {
            Floats.set(out, i, 0f);
        }
    }

    private static void copy(
            MemorySegment in, long from, int stride, long to, int count, MemorySegment out) {
        if (stride == 1) {
            for (long i = 0; i < count; i++) {
                Floats.set(out, to + i, Floats.get(in, from + i));
            }
        } else {
            for (long i = 0; i < count; i++) {
                Floats.set(out, to + i, Floats.get(in, from + i * stride));
            }
        }
    }

    private static void add(
            MemorySegment in, long from, long to, int stride, int count, MemorySegment out) {
        if (stride == 1) {
            for (long i = 0; i < count; i++) {
                Floats.set(out, to + i, Floats.get(out, to + i) + Floats.get(in, from + i));
            }
        } else {
            for (long i = 0; i < count; i++) {
                var place = to + i * stride;
                Floats.set(out, place, Floats.get(out, place) + Floats.get(in, from + i));
            }
        }
    }
}
