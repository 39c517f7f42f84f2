package dev.tutti.common.vector;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * Vectors of floats outside the heap: allocation, access by index, and the loops that every part
 * shares.
 *
 * <p>A vector is a {@link MemorySegment} in native byte order; indices and counts are in floats,
 * never in bytes. Each loop is a small static method of its own, since only such loops are compiled
 * to vector instructions reliably.
 */
public final class Floats {
    /** Bytes of one float. */
    public static final int BYTES = 4;

    /** Alignment of every allocation: one cache line, and the widest vector register. */
    public static final int ALIGNMENT_BYTES = 64;

    /** The vector of no floats. */
    public static final MemorySegment NONE = MemorySegment.NULL;

    private Floats() {}

    /** Returns a zeroed vector of {@code count} floats. */
    public static MemorySegment allocate(Arena arena, long count) {
        return arena.allocate(Math.max(1, count) * BYTES, ALIGNMENT_BYTES)
                .asSlice(0, count * BYTES);
    }

    /** Returns a vector with a copy of {@code values}. */
    public static MemorySegment of(Arena arena, float... values) {
        var vector = allocate(arena, values.length);
        MemorySegment.copy(values, 0, vector, JAVA_FLOAT, 0, values.length);
        return vector;
    }

    /** Returns a copy on the heap, for tests and printing. */
    public static float[] toArray(MemorySegment vector) {
        return vector.toArray(JAVA_FLOAT);
    }

    /** Returns the number of floats in {@code vector}. */
    public static long count(MemorySegment vector) {
        return vector.byteSize() / BYTES;
    }

    /** Returns the float at {@code index}. */
    public static float get(MemorySegment vector, long index) {
        return vector.getAtIndex(JAVA_FLOAT, index);
    }

    /** Sets the float at {@code index}. */
    public static void set(MemorySegment vector, long index, float value) {
        vector.setAtIndex(JAVA_FLOAT, index, value);
    }

    /** Returns the {@code count} floats from {@code offset} on, as a view. */
    public static MemorySegment slice(MemorySegment vector, long offset, long count) {
        return vector.asSlice(offset * BYTES, count * BYTES);
    }

    /** Copies all of {@code from} to the start of {@code out}. */
    public static void copy(MemorySegment from, MemorySegment out) {
        MemorySegment.copy(from, 0, out, 0, from.byteSize());
    }

    /** Sets every element of {@code out} to {@code value}. */
    public static void fill(float value, MemorySegment out) {
        var count = count(out);
        for (long i = 0; i < count; i++) {
            set(out, i, value);
        }
    }

    /** Adds {@code term} to {@code out}, element by element. */
    public static void add(MemorySegment term, MemorySegment out) {
        add(term, out, out);
    }

    /** Writes {@code left + right} to {@code out}, element by element. */
    public static void add(MemorySegment left, MemorySegment right, MemorySegment out) {
        add(Elements.of(left), Elements.of(right), out);
    }

    /** Writes {@code left + right} to {@code out}, element by element. */
    public static void add(Elements left, Elements right, MemorySegment out) {
        Blocks.map(left, right, out, Floats::add);
    }

    /** Adds the first {@code count} floats of {@code term} to {@code out}. */
    public static void add(int count, float[] term, float[] out) {
        for (var i = 0; i < count; i++) {
            out[i] += term[i];
        }
    }

    /** Writes {@code max(0, in)}, element by element; NaN stays NaN. */
    public static void positivePart(MemorySegment in, MemorySegment out) {
        Blocks.map(in, out, Floats::positivePart);
    }

    private static void positivePart(int count, float[] out) {
        for (var i = 0; i < count; i++) {
            out[i] = Math.max(0f, out[i]);
        }
    }

    /**
     * Writes the elements of {@code values} where {@code gate} is above 0, and 0 elsewhere; where
     * {@code gate} is NaN, either.
     *
     * @param out may be {@code values}
     */
    public static void keepWherePositive(
            MemorySegment gate, MemorySegment values, MemorySegment out) {
        // Over the bits: a comparison of floats becomes a branch, and one that is hard to predict
        // takes ten times as long as all the rest.
        var count = count(out);
        var gates = new int[(int) Math.min(Blocks.FLOATS_MAX, count)];
        var kept = new int[gates.length];
        for (long at = 0; at < count; at += gates.length) {
            var part = (int) Math.min(gates.length, count - at);
            MemorySegment.copy(gate, JAVA_INT, at * BYTES, gates, 0, part);
            MemorySegment.copy(values, JAVA_INT, at * BYTES, kept, 0, part);
            keepWherePositive(part, gates, kept);
            MemorySegment.copy(kept, 0, out, JAVA_INT, at * BYTES, part);
        }
    }

    private static void keepWherePositive(int count, int[] gate, int[] out) {
        for (var i = 0; i < count; i++) {
            // All ones where the bits, as an int, are above 0: no sign, and not zero.
            var mask = (-gate[i] & ~gate[i]) >> 31;
            out[i] &= mask;
        }
    }

    /** Subtracts {@code term} from {@code out}, element by element. */
    public static void subtract(MemorySegment term, MemorySegment out) {
        Blocks.map(
                Elements.of(term),
                Elements.of(out),
                out,
                (count, right, difference) -> {
                    for (var i = 0; i < count; i++) {
                        difference[i] -= right[i];
                    }
                });
    }

    /** Multiplies every element of {@code out} by {@code factor}. */
    public static void scale(float factor, MemorySegment out) {
        Blocks.map(out, out, (count, block) -> multiply(factor, count, block));
    }

    /** Divides every element of {@code out} by {@code divisor}. */
    public static void divide(float divisor, MemorySegment out) {
        Blocks.map(out, out, (count, block) -> divide(divisor, count, block));
    }

    /** Divides the first {@code count} elements of an array. */
    public static void divide(float divisor, int count, float[] out) {
        // The reciprocal of a power of two is exact: the same bits, and a division takes ten times
        // as long as a multiplication.
        if (isPowerOfTwo(divisor)) {
            multiply(1f / divisor, count, out);
        } else {
            divideEach(divisor, count, out);
        }
    }

    /** Adds {@code term} to the first {@code count} elements of an array, and divides the sums. */
    public static void addAndDivide(float divisor, int count, float[] term, float[] out) {
        if (isPowerOfTwo(divisor)) {
            addAndMultiply(1f / divisor, count, term, out);
        } else {
            add(count, term, out);
            divideEach(divisor, count, out);
        }
    }

    /**
     * Tells of a power of two whose reciprocal is a normal number, so exact: multiplying by that
     * gives the bits of dividing.
     */
    public static boolean isPowerOfTwo(float x) {
        return x >= 0x1p-100f && x <= 0x1p100f && (Float.floatToRawIntBits(x) << 9) == 0;
    }

    private static void multiply(float factor, int count, float[] out) {
        for (var i = 0; i < count; i++) {
            out[i] *= factor;
        }
    }

    private static void addAndMultiply(float factor, int count, float[] term, float[] out) {
        for (var i = 0; i < count; i++) {
            out[i] = (out[i] + term[i]) * factor;
        }
    }

    private static void divideEach(float divisor, int count, float[] out) {
        for (var i = 0; i < count; i++) {
            out[i] /= divisor;
        }
    }

    /** Tells whether no element is NaN or infinite. */
    public static boolean allFinite(MemorySegment vector) {
        var finite = new FiniteCheck();
        Blocks.read(List.of(Elements.of(vector)), (count, in) -> finite.note(count, in[0]));
        return finite.allFinite();
    }

    /** Returns the index of the first element that is NaN or infinite; -1 if there is none. */
    public static long firstNotFinite(MemorySegment vector) {
        var count = count(vector);
        for (long i = 0; i < count; i++) {
            if (!Float.isFinite(get(vector, i))) {
                return i;
            }
        }
        return -1;
    }
}
