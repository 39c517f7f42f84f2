package dev.tutti.common.average.observe;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.tutti.common.vector.Blocks;
import dev.tutti.common.vector.Elements;
import dev.tutti.common.vector.Floats;
import dev.tutti.common.vector.Precision;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * A hash of 64 bits of numbers, by their bits as floats. It is made to be fast: many polynomials
 * modulo 2³² side by side, which the processor computes as vectors, folded at the end. One number
 * that differs always gives another hash of its column; it protects against accidents, not against
 * an enemy.
 */
final class GradientHash {
    /** Columns of polynomials; a row of them stays in a first-level cache. */
    private static final int COLUMNS = 1024;

    private static final int FACTOR = 0x9E3779B1;
    private static final long FOLD = 0x9E3779B97F4A7C15L;

    private GradientHash() {}

    /** Returns the hash of numbers. */
    static long of(Elements numbers) {
        var columns = new int[(int) Math.min(COLUMNS, numbers.count())];
        if (numbers.precision() == Precision.FP32) {
            add(numbers.memory(), columns);
        } else {
            var bits = new int[columns.length];
            Blocks.read(
                    List.of(numbers),
                    (count, in) -> {
                        for (var i = 0; i < count; i++) {
                            bits[i] = Float.floatToRawIntBits(in[0][i]);
                        }
                        add(count, bits, columns);
                    });
        }
        var hash = numbers.count();
        for (var column : columns) {
            hash = with(hash, column);
        }
        return hash;
    }

    private static void add(MemorySegment floats, int[] out) {
        var bits = new int[out.length];
        var all = Floats.count(floats);
        for (long at = 0; at < all; at += COLUMNS) {
            var count = (int) Math.min(COLUMNS, all - at);
            MemorySegment.copy(floats, JAVA_INT, at * Floats.BYTES, bits, 0, count);
            add(count, bits, out);
        }
    }

    private static void add(int count, int[] bits, int[] out) {
        for (var i = 0; i < count; i++) {
            out[i] = out[i] * FACTOR + bits[i];
        }
    }

    /** Returns a hash with one more value behind what it is of. */
    static long with(long hash, long value) {
        var mixed = (hash ^ value) * FOLD;
        return mixed ^ mixed >>> 29;
    }
}
