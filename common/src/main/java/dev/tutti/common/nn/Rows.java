package dev.tutti.common.nn;

import dev.tutti.common.kernel.FloatMath;
import dev.tutti.common.kernel.Floats;
import java.lang.foreign.MemorySegment;

/** Loops over rows of a row-major matrix, each small enough to be compiled on its own. */
final class Rows {
    private Rows() {}

    /** Adds the vector {@code term} to each of {@code rows} rows of {@code out}. */
    static void addToEach(MemorySegment term, int rows, int width, MemorySegment out) {
        for (var row = 0; row < rows; row++) {
            addTo(term, (long) row * width, width, out);
        }
    }

    private static void addTo(MemorySegment term, long at, int width, MemorySegment out) {
        for (long i = 0; i < width; i++) {
            Floats.set(out, at + i, Floats.get(out, at + i) + Floats.get(term, i));
        }
    }

    /** Writes the sum of {@code rows} rows of {@code matrix}, in their order. */
    static void sum(MemorySegment matrix, int rows, int width, MemorySegment out) {
        out.fill((byte) 0);
        for (var row = 0; row < rows; row++) {
            addFrom(matrix, (long) row * width, width, out);
        }
    }

    private static void addFrom(MemorySegment matrix, long at, int width, MemorySegment out) {
        for (long i = 0; i < width; i++) {
            Floats.set(out, i, Floats.get(out, i) + Floats.get(matrix, at + i));
        }
    }

    /** Adds {@code term} to {@code count} floats of {@code out}. */
    static void add(float term, long at, long count, MemorySegment out) {
        for (var i = at; i < at + count; i++) {
            Floats.set(out, i, Floats.get(out, i) + term);
        }
    }

    /** Multiplies {@code count} floats of {@code out} by {@code factor}. */
    static void scale(float factor, long at, long count, MemorySegment out) {
        for (var i = at; i < at + count; i++) {
            Floats.set(out, i, Floats.get(out, i) * factor);
        }
    }

    /** Returns the sum of {@code count} floats, in double precision. */
    static double sum(long at, long count, MemorySegment vector) {
        var sum = 0.0;
        for (var i = at; i < at + count; i++) {
            sum += Floats.get(vector, i);
        }
        return sum;
    }

    /** Returns Σ (x − mean)² over {@code count} floats, in double precision. */
    static double squares(double mean, long at, long count, MemorySegment vector) {
        var sum = 0.0;
        for (var i = at; i < at + count; i++) {
            var difference = Floats.get(vector, i) - mean;
            sum += difference * difference;
        }
        return sum;
    }

    /** Returns the inner product of two rows at the same place, in double precision. */
    static double dot(long at, long count, MemorySegment left, MemorySegment right) {
        var sum = 0.0;
        for (var i = at; i < at + count; i++) {
            sum += (double) Floats.get(left, i) * Floats.get(right, i);
        }
        return sum;
    }

    /** Returns the largest of {@code count} floats; NaN if one is. */
    static float max(long at, long count, MemorySegment vector) {
        var max = Floats.get(vector, at);
        for (var i = at + 1; i < at + count; i++) {
            max = Math.max(max, Floats.get(vector, i));
        }
        return max;
    }

    /** Writes e^(z − shift), and returns the sum. */
    static double exponentials(
            float shift, long at, long count, MemorySegment in, MemorySegment out) {
        for (var i = at; i < at + count; i++) {
            Floats.set(out, i, FloatMath.exp(Floats.get(in, i) - shift));
        }
        return sum(at, count, out);
    }

    /** Writes the softmax of a row, and returns log Σ eᶻ of it. */
    static double softmax(long at, long count, MemorySegment in, MemorySegment out) {
        var max = max(at, count, in);
        var sum = exponentials(max, at, count, in, out);
        scale((float) (1 / sum), at, count, out);
        return max + StrictMath.log(sum);
    }
}
