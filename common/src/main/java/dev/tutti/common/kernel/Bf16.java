package dev.tutti.common.kernel;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_INT;

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
        encode(in, out, true);
    }

    /**
     * Writes the upper half of each float, which is all of it where the floats {@linkplain #isExact
     * are of these numbers}, NaN included.
     *
     * @param out two bytes for each float; must not overlap {@code in}
     */
    public static void encodeExact(MemorySegment in, MemorySegment out) {
        encode(in, out, false);
    }

    private static void encode(MemorySegment in, MemorySegment out, boolean rounds) {
        var count = Floats.count(in);
        var block = (int) Math.min(Blocks.FLOATS_MAX, count);
        var pairs = new long[(block + 1) / 2];
        var halves = new int[pairs.length];
        var floats = MemorySegment.ofArray(pairs);
        var encoded = MemorySegment.ofArray(halves);
        for (long at = 0; at < count; at += Blocks.FLOATS_MAX) {
            var part = (int) Math.min(Blocks.FLOATS_MAX, count - at);
            MemorySegment.copy(in, at * Floats.BYTES, floats, 0, (long) part * Floats.BYTES);
            if (rounds) {
                roundedHalves((part + 1) / 2, pairs, halves);
            } else {
                upperHalves((part + 1) / 2, pairs, halves);
            }
            MemorySegment.copy(encoded, 0, out, at * BYTES, (long) part * BYTES);
        }
    }

    /**
     * Puts the upper halves of two ints side by side, in either byte order. Loops from four bytes
     * to two are not compiled to vector instructions (Java 25), those from eight to four are.
     */
    private static void upperHalves(int count, long[] pairs, int[] out) {
        for (var i = 0; i < count; i++) {
            out[i] = (int) (((pairs[i] >>> HALF_BITS) & 0xffffL) | ((pairs[i] >>> 32) & ~0xffffL));
        }
    }

    /** The same of the two rounded. */
    private static void roundedHalves(int count, long[] pairs, int[] out) {
        for (var i = 0; i < count; i++) {
            var low = roundedBits(pairs[i] & 0xffff_ffffL);
            var high = roundedBits(pairs[i] >>> 32);
            out[i] = (int) (((low >>> HALF_BITS) & 0xffffL) | (high & 0xffff_0000L));
        }
    }

    /** As {@link #roundedBits(int)}, of bits in a long. */
    private static long roundedBits(long bits) {
        var lowestKept = (bits >>> HALF_BITS) & 1;
        var rounded = bits + 0x7fff + lowestKept;
        var nan = (INFINITY_BITS - (bits & Integer.MAX_VALUE)) >> 63;
        return (rounded & ~nan) | ((bits | QUIET_BIT) & nan);
    }

    /**
     * Writes the float of each element, exactly.
     *
     * @param in two bytes an element
     * @param out as many floats; must not overlap {@code in}
     */
    public static void decode(MemorySegment in, MemorySegment out) {
        var count = in.byteSize() / BYTES;
        var decoder = new Decoder(count);
        var block = new float[(int) Math.min(Blocks.FLOATS_MAX, count)];
        for (long at = 0; at < count; at += Blocks.FLOATS_MAX) {
            var part = (int) Math.min(Blocks.FLOATS_MAX, count - at);
            decoder.load(in, at, part, block);
            Blocks.store(block, at, part, out);
        }
    }

    /** Copies blocks of elements out as floats; belongs to one thread. */
    static final class Decoder {
        private final MemorySegment pairs;
        private final long[] floats;
        private final int[] both;

        /** Makes a decoder of blocks of at most {@code count} elements. */
        Decoder(long count) {
            var block = (int) Math.min(Blocks.FLOATS_MAX, count);
            both = new int[(block + 1) / 2];
            floats = new long[both.length];
            pairs = MemorySegment.ofArray(both);
        }

        /** Writes the {@code count} floats from element {@code at} on to the start of the block. */
        void load(MemorySegment in, long at, int count, float[] out) {
            MemorySegment.copy(in, at * BYTES, pairs, 0, (long) count * BYTES);
            spread((count + 1) / 2, both, floats);
            MemorySegment.copy(
                    MemorySegment.ofArray(floats), JAVA_FLOAT_UNALIGNED, 0, out, 0, count);
        }
    }

    /** Puts the halves of each int into the upper halves of two; see {@link #upperHalves}. */
    private static void spread(int count, int[] pairs, long[] out) {
        for (var i = 0; i < count; i++) {
            out[i] = (pairs[i] & 0xffff_0000L) << 32 | (pairs[i] & 0xffffL) << HALF_BITS;
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

    /**
     * Tells whether every float is one of these numbers already, so that encoding loses nothing.
     */
    public static boolean isExact(MemorySegment in) {
        var count = Floats.count(in);
        var bits = new int[(int) Math.min(Blocks.FLOATS_MAX, count)];
        for (long at = 0; at < count; at += Blocks.FLOATS_MAX) {
            var part = (int) Math.min(Blocks.FLOATS_MAX, count - at);
            MemorySegment.copy(in, JAVA_INT, at * Floats.BYTES, bits, 0, part);
            if (!isExact(part, bits)) {
                return false;
            }
        }
        return true;
    }

    private static boolean isExact(int count, int[] bits) {
        var any = 0;
        for (var i = 0; i < count; i++) {
            any |= bits[i];
        }
        return (any & (1 << HALF_BITS) - 1) == 0;
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
