package dev.tutti.common.compress;

import java.util.Arrays;

/**
 * A tensor of which few numbers are not zero, as those and their places. The gap before each place
 * is written in a Golomb code (Golomb 1966; Rice's form, whose parameter is a power of 2): its high
 * part as so many ones and a zero, its low part as bits.
 */
final class SparseCode {
    /** Bits that hold the parameter, which is at most {@link #LOW_BITS_MAX}. */
    private static final int PARAMETER_BITS = 5;

    private static final int LOW_BITS_MAX = 30;

    private SparseCode() {}

    /** Returns the most bytes that the code of so many kept numbers takes, or of fewer. */
    static long bytesMax(int count, int kept) {
        // Gaps add up to the count, so their high parts have count / 2^low ones together.
        var low = lowBits(count, kept);
        var bits =
                Integer.SIZE
                        + PARAMETER_BITS
                        + (long) kept * (Integer.SIZE + low + 1)
                        + (count >>> low);
        return (bits + Byte.SIZE - 1) / Byte.SIZE;
    }

    /** Writes the numbers that are not zero, of {@code count}; a zero has no sign afterwards. */
    static void write(int count, float[] values, CodeWriter out) {
        var kept = kept(count, values);
        var low = lowBits(count, kept);
        out.bits(kept, Integer.SIZE);
        out.bits(low, PARAMETER_BITS);
        var before = -1;
        for (var i = 0; i < count; i++) {
            if (values[i] == 0) {
                values[i] = 0;
                continue;
            }
            var gap = i - before - 1;
            out.unary(gap >>> low);
            out.bits(gap, low);
            out.number(values[i]);
            before = i;
        }
        out.align();
    }

    /** Reads as many numbers as {@code count}. */
    static void read(int count, CodeReader in, float[] out) {
        Arrays.fill(out, 0, count, 0f);
        var kept = in.bits(Integer.SIZE);
        var low = in.bits(PARAMETER_BITS);
        if (kept < 0 || kept > count || low > LOW_BITS_MAX) {
            throw new IllegalArgumentException("a code of %d numbers of %d".formatted(kept, count));
        }
        var at = -1L;
        for (var i = 0; i < kept; i++) {
            at += ((long) in.unary(count >>> low) << low) + in.bits(low) + 1;
            if (at >= count) {
                throw new IllegalArgumentException(
                        "a code with a number at %d of %d".formatted(at, count));
            }
            out[(int) at] = in.number();
        }
        in.align();
    }

    private static int kept(int count, float[] values) {
        var kept = 0;
        for (var i = 0; i < count; i++) {
            kept += values[i] == 0 ? 0 : 1;
        }
        return kept;
    }

    /** Returns the parameter that suits gaps of this mean: about ln 2 of it, as a power of 2. */
    private static int lowBits(int count, int kept) {
        if (kept == 0) {
            return 0;
        }
        var scale = 0.69 * count / kept;
        return Math.clamp(Math.getExponent(Math.max(1, scale)), 0, LOW_BITS_MAX);
    }
}
