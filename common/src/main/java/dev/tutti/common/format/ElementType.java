package dev.tutti.common.format;

import static java.lang.foreign.ValueLayout.JAVA_DOUBLE_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;
import static java.nio.ByteOrder.LITTLE_ENDIAN;

import dev.tutti.common.vector.Floats;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** A number's form in a file, and its reading as floats. */
enum ElementType {
    F64(8),
    F32(4),
    F16(2),
    /** The upper half of a float. */
    BF16(2),
    /** A whole number, which only PyTorch's step counts are. */
    I64(8);

    private static final ValueLayout.OfDouble DOUBLE =
            JAVA_DOUBLE_UNALIGNED.withOrder(LITTLE_ENDIAN);
    private static final ValueLayout.OfFloat FLOAT = JAVA_FLOAT_UNALIGNED.withOrder(LITTLE_ENDIAN);
    private static final ValueLayout.OfLong LONG = JAVA_LONG_UNALIGNED.withOrder(LITTLE_ENDIAN);
    private static final ValueLayout.OfShort SHORT = JAVA_SHORT_UNALIGNED.withOrder(LITTLE_ENDIAN);

    private final int bytes;

    ElementType(int bytes) {
        this.bytes = bytes;
    }

    /** Returns the bytes of one number. */
    int bytes() {
        return bytes;
    }

    /** Fills {@code out} with the numbers of {@code from}, each rounded to the nearest float. */
    void toFloats(MemorySegment from, MemorySegment out) {
        var count = Floats.count(out);
        switch (this) {
            case F32 -> MemorySegment.copy(from, FLOAT, 0, out, JAVA_FLOAT, 0, count);
            case F64 -> {
                for (long i = 0; i < count; i++) {
                    Floats.set(out, i, (float) from.get(DOUBLE, i * bytes));
                }
            }
            case F16 -> {
                for (long i = 0; i < count; i++) {
                    Floats.set(out, i, Float.float16ToFloat(from.get(SHORT, i * bytes)));
                }
            }
            case I64 -> {
                for (long i = 0; i < count; i++) {
                    Floats.set(out, i, (float) from.get(LONG, i * bytes));
                }
            }
            case BF16 -> {
                for (long i = 0; i < count; i++) {
                    Floats.set(out, i, Float.intBitsToFloat(from.get(SHORT, i * bytes) << 16));
                }
            }
        }
    }

    /** Fills {@code out} with floats in the file's byte order. */
    static void fromFloats(MemorySegment from, MemorySegment out) {
        MemorySegment.copy(from, JAVA_FLOAT, 0, out, FLOAT, 0, Floats.count(from));
    }
}
