package dev.tutti.common.nn.layer;

import dev.tutti.common.vector.Floats;
import java.lang.foreign.MemorySegment;

/**
 * Images as matrices of columns: column p holds the pixels that a window sees at place p, so that a
 * convolution is one matrix product (Chellapilla et al. 2006).
 *
 * <p>It goes through planes. For one channel, plane x holds what window column x sees, row by row
 * of the padded image. Line (channel, y, x) of the matrix is then plane x from row y on: one long
 * copy in place of many short ones where the stride is 1.
 */
final class Columns {
    private Columns() {}

    /** Returns the floats of the planes that both directions need as scratch. */
    static long planeFloats(Window window) {
        return (long) window.size() * window.paddedHeight() * window.columns();
    }

    /**
     * Writes the columns of one image.
     *
     * @param image the vector that holds it, from {@code at} on
     * @param planes scratch
     * @param out pixels × places; zero where the window lies beside the image
     */
    static void gather(
            Window window, MemorySegment image, long at, MemorySegment planes, MemorySegment out) {
        var line = 0L;
        for (var channel = 0; channel < window.channels(); channel++) {
            var from = at + (long) channel * window.height() * window.width();
            for (var x = 0; x < window.size(); x++) {
                toPlane(window, image, from, x, planes);
            }
            for (var y = 0; y < window.size(); y++) {
                for (var x = 0; x < window.size(); x++) {
                    toLine(window, planes, planeAt(window, x, y), line, out);
                    line += window.places();
                }
            }
        }
    }

    /**
     * Adds columns to the image they came from: the transpose of {@link #gather}.
     *
     * @param columns pixels × places
     * @param planes scratch
     * @param at where the image starts in {@code out}
     */
    static void scatter(
            Window window,
            MemorySegment columns,
            MemorySegment planes,
            long at,
            MemorySegment out) {
        var line = 0L;
        for (var channel = 0; channel < window.channels(); channel++) {
            planes.fill((byte) 0);
            for (var y = 0; y < window.size(); y++) {
                for (var x = 0; x < window.size(); x++) {
                    fromLine(window, columns, line, planeAt(window, x, y), planes);
                    line += window.places();
                }
            }
            var to = at + (long) channel * window.height() * window.width();
            for (var x = 0; x < window.size(); x++) {
                fromPlane(window, planes, x, to, out);
            }
        }
    }

    private static long planeAt(Window window, int x, int row) {
        return ((long) x * window.paddedHeight() + row) * window.columns();
    }

    private static void toPlane(
            Window window, MemorySegment image, long at, int x, MemorySegment planes) {
        var columns = window.columns();
        var first = window.firstColumn(x);
        var count = window.lastColumn(x) - first;
        zero(planeAt(window, x, 0), (long) window.padding() * columns, planes);
        for (var row = 0; row < window.height(); row++) {
            var from = at + (long) row * window.width() + window.pixelColumn(first, x);
            var to = planeAt(window, x, row + window.padding());
            zero(to, first, planes);
            copy(image, from, window.stride(), to + first, count, planes);
            zero(to + first + count, columns - first - count, planes);
        }
        var below = planeAt(window, x, window.height() + window.padding());
        zero(below, (long) window.padding() * columns, planes);
    }

    private static void fromPlane(
            Window window, MemorySegment planes, int x, long at, MemorySegment image) {
        var first = window.firstColumn(x);
        var count = window.lastColumn(x) - first;
        for (var row = 0; row < window.height(); row++) {
            var from = planeAt(window, x, row + window.padding()) + first;
            var to = at + (long) row * window.width() + window.pixelColumn(first, x);
            add(planes, from, to, window.stride(), count, image);
        }
    }

    private static void toLine(
            Window window, MemorySegment planes, long from, long line, MemorySegment out) {
        if (window.stride() == 1) {
            copy(planes, from, line, window.places(), out);
            return;
        }
        var columns = window.columns();
        for (var row = 0; row < window.rows(); row++) {
            var plane = from + (long) row * window.stride() * columns;
            copy(planes, plane, line + (long) row * columns, columns, out);
        }
    }

    private static void fromLine(
            Window window, MemorySegment columns, long line, long to, MemorySegment planes) {
        if (window.stride() == 1) {
            add(columns, line, to, window.places(), planes);
            return;
        }
        var count = window.columns();
        for (var row = 0; row < window.rows(); row++) {
            var plane = to + (long) row * window.stride() * count;
            add(columns, line + (long) row * count, plane, count, planes);
        }
    }

    private static void zero(long at, long count, MemorySegment out) {
        for (var i = at; i < at + count; i++) {
            Floats.set(out, i, 0f);
        }
    }

    private static void copy(MemorySegment in, long from, long to, int count, MemorySegment out) {
        MemorySegment.copy(
                in, from * Floats.BYTES, out, to * Floats.BYTES, (long) count * Floats.BYTES);
    }

    private static void copy(
            MemorySegment in, long from, int stride, long to, int count, MemorySegment out) {
        if (stride == 1) {
            copy(in, from, to, count, out);
        } else {
            for (long i = 0; i < count; i++) {
                Floats.set(out, to + i, Floats.get(in, from + i * stride));
            }
        }
    }

    private static void add(MemorySegment in, long from, long to, int count, MemorySegment out) {
        // A line of an image is too short for blocks.
        for (var i = 0; i < count; i++) {
            Floats.set(out, to + i, Floats.get(out, to + i) + Floats.get(in, from + i));
        }
    }

    private static void add(
            MemorySegment in, long from, long to, int stride, int count, MemorySegment out) {
        if (stride == 1) {
            add(in, from, to, count, out);
        } else {
            for (long i = 0; i < count; i++) {
                var place = to + i * stride;
                Floats.set(out, place, Floats.get(out, place) + Floats.get(in, from + i));
            }
        }
    }
}
