package dev.tutti.worker.data.numpy;

import dev.tutti.common.data.DataException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.regex.Pattern;

/**
 * The type of an array's elements, as {@code descr} says it (NumPy, "The array interface
 * protocol").
 *
 * @param kind of the number
 * @param bytes of one element
 * @param order of its bytes
 */
public record NumpyType(Kind kind, int bytes, ByteOrder order) {
    private static final Pattern TEXT = Pattern.compile("([<>|=]?)([A-Za-z?])(\\d{0,9})");
    private static final double TWICE = 2;
    private static final double WHOLE_MAX = 0x1p53;

    /** What an element is. */
    public enum Kind {
        /** A floating-point number of IEEE 754. */
        FLOAT,
        /** A whole number with a sign. */
        SIGNED,
        /** A whole number from 0 on. */
        UNSIGNED,
        /** 0 or 1. */
        BOOL
    }

    /**
     * Reads a type such as {@code <f4}.
     *
     * @throws DataException if it is no type of numbers that this class reads
     */
    static NumpyType parse(String text) {
        var parts = TEXT.matcher(text);
        if (!parts.matches()) {
            throw new DataException(
                    "type \"%s\" was found, expected one such as <f4 or |u1".formatted(text));
        }
        var bytes = parts.group(3).isEmpty() ? 1 : Integer.parseInt(parts.group(3));
        var order = parts.group(1).equals(">") ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
        return switch (parts.group(2)) {
            case "f" -> new NumpyType(Kind.FLOAT, known(text, bytes, 2), order);
            case "i" -> new NumpyType(Kind.SIGNED, known(text, bytes, 1), order);
            case "u" -> new NumpyType(Kind.UNSIGNED, known(text, bytes, 1), order);
            case "b", "?" -> new NumpyType(Kind.BOOL, 1, order);
            case "O" ->
                    throw refused(text, "Python objects, which need Python to be read", "float32");
            case "U", "S", "a" ->
                    throw new DataException(
                            ("its elements are text (%s), expected numbers: number the words with"
                                            + " numpy.unique(array, return_inverse=True)[1]")
                                    .formatted(text));
            case "c" -> throw refused(text, "complex numbers", "float32");
            case "M", "m" -> throw refused(text, "dates or times", "int64");
            case "V" -> throw refused(text, "records of several fields", "float32");
            default -> throw refused(text, "of a type that is not known", "float32");
        };
    }

    /** Returns the refusal of elements that are no numbers. */
    static DataException refused(String text, String what, String type) {
        return new DataException(
                "its elements are %s (%s), expected numbers: save it with array.astype('%s')"
                        .formatted(what, text, type));
    }

    private static int known(String text, int bytes, int min) {
        if (bytes < min || bytes > Long.BYTES || Integer.bitCount(bytes) != 1) {
            throw refused(text, "numbers of %d bytes".formatted(bytes), "float32");
        }
        return bytes;
    }

    /** Tells whether an element is a byte without a sign, as images are stored. */
    public boolean isByte() {
        return kind == Kind.UNSIGNED && bytes == 1;
    }

    /** Tells whether an element is a 32-bit float in the order of this machine's bytes. */
    public boolean isNativeFloat() {
        return kind == Kind.FLOAT && bytes == Float.BYTES && order == ByteOrder.nativeOrder();
    }

    /** Returns an element that {@link #number} read, as a text that reads back as the same. */
    public String text(double number) {
        if (number == Math.rint(number) && Math.abs(number) < WHOLE_MAX) {
            return Long.toString((long) number);
        }
        return bytes < Double.BYTES ? Float.toString((float) number) : Double.toString(number);
    }

    /**
     * Reads an element; one of 64 bits is rounded to a double.
     *
     * @param in in this type's order
     */
    double number(ByteBuffer in, int at) {
        return switch (kind) {
            case FLOAT -> real(in, at);
            case SIGNED -> signed(in, at);
            case UNSIGNED -> unsigned(in, at);
            case BOOL -> in.get(at) == 0 ? 0 : 1;
        };
    }

    private double real(ByteBuffer in, int at) {
        return switch (bytes) {
            case 2 -> Float.float16ToFloat(in.getShort(at));
            case 4 -> in.getFloat(at);
            default -> in.getDouble(at);
        };
    }

    private long signed(ByteBuffer in, int at) {
        return switch (bytes) {
            case 1 -> in.get(at);
            case 2 -> in.getShort(at);
            case 4 -> in.getInt(at);
            default -> in.getLong(at);
        };
    }

    private double unsigned(ByteBuffer in, int at) {
        return switch (bytes) {
            case 1 -> Byte.toUnsignedInt(in.get(at));
            case 2 -> Short.toUnsignedInt(in.getShort(at));
            case 4 -> Integer.toUnsignedLong(in.getInt(at));
            default -> unsigned(in.getLong(at));
        };
    }

    /** Halves what does not fit a signed number; the last bit is kept, so that it rounds as one. */
    private static double unsigned(long bits) {
        return bits >= 0 ? bits : TWICE * ((bits >>> 1) | (bits & 1));
    }
}
