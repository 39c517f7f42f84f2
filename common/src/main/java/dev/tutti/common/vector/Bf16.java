package dev.tutti.common.vector;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import java.lang.foreign.MemorySegment;

/**
 * Brain floating point, 16 bits: the upper half of a float, so its range with 8 bits of precision.
 *
 * <p>Rounding is to the nearest, ties to the even one, with a relative error of at most 2⁻⁸; what
 * exceeds the largest number becomes infinite, and NaN stays NaN. A vector of them holds two bytes
 * an element, in native byte order.
 */
public final class Bf16 {
    /** Bytes of one element. */
    public static final int BYTES = 2;

    private static final int HALF_BITS = 16;
    private static final int INFINITY_BITS = 0x7f80_0000;

    /** Set in a NaN, which might otherwise keep its mark in the lower half alone. */
    private static final int QUIET_BIT = 0x0040_0000;

    private Bf16() {}

    /** Returns the number nearest to {@code x}, as its bits. */
    public static short encode(float x) {
        return (short) (roundedBits(Float.floatToRawIntBits(x)) >>> HALF_BITS);
    }

    /** Returns the float of these bits, exactly. */
    public static float decode(short bits) {
        return Float.intBitsToFloat(bits << HALF_BITS);
    }

    /**
     * Writes each float as the nearest of these numbers.
     *
     * @param in floats
     * @param out two bytes for each float; must not overlap {@code in}
     */
    public static void encode(MemorySegment in, MemorySegment out) {
        var count = Floats.count(in);
        var block = new float[(int) Math.min(Blocks.FLOATS_MAX, count)];
        for (long at = 0; at < count; at += Blocks.FLOATS_MAX) {
            var part = (int) Math.min(Blocks.FLOATS_MAX, count - at);
            Blocks.load(in, at, part, block);
            store(block, at, part, out);
        }
    }

    /**
     * Rounds the first {@code count} floats of {@code block} and writes them to element {@code at}
     * on.
     */
    static void store(float[] block, long at, int count, MemorySegment out) {
        var pairs =
                roundPairs(count / 2, MemorySegment.ofArray(block), out, at * BYTES)
                        ? count / 2
                        : 0;
        for (var i = 2 * pairs; i < count; i++) {
            out.set(JAVA_SHORT_UNALIGNED, (at + i) * BYTES, encode(block[i]));
        }
    }

    // Loops from four bytes to two, or back, are not compiled to vector instructions (Java 25);
    // those from eight to four are, over an array seen as a segment of longs. So two numbers are
    // taken at a time, in either byte order.

    /**
     * Rounds numbers, as {@link #roundedBits} does; nothing is carried from one of two into the
     * other.
     *
     * @return whether all are numbers; if any is NaN, what it became is of no use
     */
    private static boolean roundPairs(int pairs, MemorySegment in, MemorySegment out, long at) {
        var nan = 0L;
        for (var i = 0; i < pairs; i++) {
            var bits = in.get(JAVA_LONG_UNALIGNED, (long) i * Long.BYTES);
            // The sign of each is set where the other bits are above those of infinity.
            nan |= (bits & 0x7fffffff_7fffffffL) + 0x007fffff_007fffffL;
            var rounded =
                    bits + 0x00007fff_00007fffL + ((bits >>> HALF_BITS) & 0x00000001_00000001L);
            out.set(JAVA_INT_UNALIGNED, at + (long) i * Integer.BYTES, upperHalves(rounded));
        }
        return (nan & 0x80000000_80000000L) == 0;
    }

    /** Returns the upper halves of two ints, side by side. */
    private static int upperHalves(long pair) {
        return (int) (((pair >>> HALF_BITS) & 0xffffL) | ((pair >>> 32) & 0xffff_0000L));
    }

    /**
     * Writes the float of each element, exactly.
     *
     * @param in two bytes an element
     * @param out as many floats; must not overlap {@code in}
     */
    public static void decode(MemorySegment in, MemorySegment out) {
        var count = in.byteSize() / BYTES;
        var block = new float[(int) Math.min(Blocks.FLOATS_MAX, count)];
        for (long at = 0; at < count; at += Blocks.FLOATS_MAX) {
            var part = (int) Math.min(Blocks.FLOATS_MAX, count - at);
            load(in, at, part, block);
            Blocks.store(block, at, part, out);
        }
    }

    /** Writes the {@code count} floats from element {@code at} on to the start of the block. */
    static void load(MemorySegment in, long at, int count, float[] block) {
        spreadPairs(count / 2, in, at * BYTES, MemorySegment.ofArray(block));
        if (count % 2 != 0) {
            block[count - 1] = decode(in.get(JAVA_SHORT_UNALIGNED, (at + count - 1) * BYTES));
        }
    }

    private static void spreadPairs(int pairs, MemorySegment in, long at, MemorySegment out) {
        for (var i = 0; i < pairs; i++) {
            var pair = in.get(JAVA_INT_UNALIGNED, at + (long) i * Integer.BYTES);
            out.set(
                    JAVA_LONG_UNALIGNED,
                    (long) i * Long.BYTES,
                    (pair & 0xffff_0000L) << 32 | (pair & 0xffffL) << HALF_BITS);
        }
    }

    /**
     * Writes each float rounded to the nearest of these numbers.
     *
     * @param out as long as {@code in}; may be {@code in}
     */
    public static void round(MemorySegment in, MemorySegment out) {
        var count = Floats.count(in);
        var bits = new int[(int) Math.min(Blocks.FLOATS_MAX, count)];
        for (long at = 0; at < count; at += Blocks.FLOATS_MAX) {
            var part = (int) Math.min(Blocks.FLOATS_MAX, count - at);
            MemorySegment.copy(in, JAVA_INT, at * Floats.BYTES, bits, 0, part);
            round(part, bits);
            MemorySegment.copy(bits, 0, out, JAVA_INT, at * Floats.BYTES, part);
        }
    }

    private static void round(int count, int[] out) {
        for (var i = 0; i < count; i++) {
            out[i] = roundedBits(out[i]) & -1 << HALF_BITS;
        }
    }

    /** Returns bits whose upper half is the rounded number; without a branch, for vectors. */
    private static int roundedBits(int bits) {
        var lowestKept = (bits >>> HALF_BITS) & 1;
        var rounded = bits + 0x7fff + lowestKept;
        // All ones where the bits, without the sign, are above those of infinity.
        var nan = (INFINITY_BITS - (bits & Integer.MAX_VALUE)) >> 31;
        return (rounded & ~nan) | ((bits | QUIET_BIT) & nan);
    }
}
