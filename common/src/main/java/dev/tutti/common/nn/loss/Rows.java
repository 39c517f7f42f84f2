package dev.tutti.common.nn.loss;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import dev.tutti.common.vector.Blocks;
import dev.tutti.common.vector.FloatMath;
import dev.tutti.common.vector.Floats;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/** Loops over rows of a row-major matrix, each small enough to be compiled on its own. */
public final class Rows {
    private Rows() {}

    /** Copies {@code row} to each of {@code rows} rows of {@code out}. */
    public static void repeat(MemorySegment row, int rows, MemorySegment out) {
        var bytes = row.byteSize();
        for (var i = 0; i < rows; i++) {
            MemorySegment.copy(row, 0, out, i * bytes, bytes);
        }
    }

    /** Writes the sum of {@code rows} rows of {@code matrix}, in their order. */
    public static void sum(MemorySegment matrix, int rows, int width, MemorySegment out) {
        var sums = new float[Math.min(width, Blocks.FLOATS_MAX)];
        var row = new float[sums.length];
        for (var at = 0; at < width; at += Blocks.FLOATS_MAX) {
            var count = Math.min(Blocks.FLOATS_MAX, width - at);
            Arrays.fill(sums, 0f);
            for (var i = 0; i < rows; i++) {
                var from = ((long) i * width + at) * Floats.BYTES;
                MemorySegment.copy(matrix, JAVA_FLOAT, from, row, 0, count);
                Floats.add(count, row, sums);
            }
            MemorySegment.copy(sums, 0, out, JAVA_FLOAT, (long) at * Floats.BYTES, count);
        }
    }

    /** Adds {@code term} to {@code count} floats of {@code out}. */
    public static void add(float term, long at, long count, MemorySegment out) {
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

    /**
     * Returns the sum of {@code count} floats, in double precision. As in its neighbours, four sums
     * stand side by side: one alone would wait for each addition to end.
     */
    public static double sum(long at, long count, MemorySegment vector) {
        var sum0 = 0.0;
        var sum1 = 0.0;
        var sum2 = 0.0;
        var sum3 = 0.0;
        var end = at + count;
        var i = at;
        for (; i + 3 < end; i += 4) {
            sum0 += Floats.get(vector, i);
            sum1 += Floats.get(vector, i + 1);
            sum2 += Floats.get(vector, i + 2);
            sum3 += Floats.get(vector, i + 3);
        }
        for (; i < end; i++) {
            sum0 += Floats.get(vector, i);
        }
        return (sum0 + sum1) + (sum2 + sum3);
    }

    /** Returns Σ (x − mean)² over {@code count} floats, in double precision. */
    public static double squares(double mean, long at, long count, MemorySegment vector) {
        var sum0 = 0.0;
        var sum1 = 0.0;
        var sum2 = 0.0;
        var sum3 = 0.0;
        var end = at + count;
        var i = at;
        for (; i + 3 < end; i += 4) {
            sum0 += square(Floats.get(vector, i) - mean);
            sum1 += square(Floats.get(vector, i + 1) - mean);
            sum2 += square(Floats.get(vector, i + 2) - mean);
            sum3 += square(Floats.get(vector, i + 3) - mean);
        }
        for (; i < end; i++) {
            sum0 += square(Floats.get(vector, i) - mean);
        }
        return (sum0 + sum1) + (sum2 + sum3);
    }

    private static double square(double x) {
        return x * x;
    }

    /** Returns Σ g (x − mean) over rows at the same place, in double precision. */
    public static double dot(double mean, long at, long count, MemorySegment x, MemorySegment g) {
        var sum0 = 0.0;
        var sum1 = 0.0;
        var sum2 = 0.0;
        var sum3 = 0.0;
        var end = at + count;
        var i = at;
        for (; i + 3 < end; i += 4) {
            sum0 += Floats.get(g, i) * (Floats.get(x, i) - mean);
            sum1 += Floats.get(g, i + 1) * (Floats.get(x, i + 1) - mean);
            sum2 += Floats.get(g, i + 2) * (Floats.get(x, i + 2) - mean);
            sum3 += Floats.get(g, i + 3) * (Floats.get(x, i + 3) - mean);
        }
        for (; i < end; i++) {
            sum0 += Floats.get(g, i) * (Floats.get(x, i) - mean);
        }
        return (sum0 + sum1) + (sum2 + sum3);
    }

    /** Returns the largest of {@code count} floats; NaN if one is. */
    public static float max(long at, long count, MemorySegment vector) {
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
    public static double softmax(long at, long count, MemorySegment in, MemorySegment out) {
        var max = max(at, count, in);
        var sum = exponentials(max, at, count, in, out);
        scale((float) (1 / sum), at, count, out);
        return max + StrictMath.log(sum);
    }
}
