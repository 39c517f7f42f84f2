package dev.tutti.worker.data.numpy;

import dev.tutti.common.data.DataException;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The header of an array (NumPy, "numpy.lib.format"): {@code \x93NUMPY}, a version, the length of a
 * text, and the text, a Python dictionary of type, order and shape.
 *
 * @param type of the elements
 * @param fortranOrder whether the first index runs fastest
 * @param shape extents, outermost first; none for a single number
 * @param bytes of the whole header
 */
public record NpyHeader(NumpyType type, boolean fortranOrder, List<Integer> shape, int bytes) {
    static final byte[] MAGIC = "\u0093NUMPY".getBytes(StandardCharsets.ISO_8859_1);
    private static final int VERSION_MAX = 3;

    /** A header has 128 bytes, or some more for its padding. */
    private static final int TEXT_BYTES_MAX = 1 << 16;

    private static final Pattern SHAPE = Pattern.compile("\\s*(\\d{1,18})L?\\s*");
    private static final Pattern DICTIONARY =
            Pattern.compile(
                    "\\s*\\{\\s*(?:(?:"
                            + "['\"]descr['\"]\\s*:\\s*(?:['\"](?<type>[^'\"]*)['\"]|(?<fields>\\[.*\\]))"
                            + "|['\"]fortran_order['\"]\\s*:\\s*(?<order>True|False)"
                            + "|['\"]shape['\"]\\s*:\\s*\\((?<shape>[^)]*)\\)"
                            + ")\\s*,?\\s*){3}\\}\\s*");

    /** Copies the shape. */
    public NpyHeader {
        shape = List.copyOf(shape);
    }

    /**
     * Reads a header.
     *
     * @throws DataException if it is none, or one of an array that holds no numbers
     */
    static NpyHeader read(InputStream stream) throws IOException {
        var in = new DataInputStream(stream);
        for (var expected : MAGIC) {
            if (in.read() != Byte.toUnsignedInt(expected)) {
                throw new DataException("no array of NumPy: it must start with \"\\x93NUMPY\"");
            }
        }
        var version = in.readUnsignedByte();
        in.readUnsignedByte();
        if (version < 1 || version > VERSION_MAX) {
            throw new DataException(
                    "version %d of NumPy's format was found, expected 1 to %d"
                            .formatted(version, VERSION_MAX));
        }
        var lengthBytes = version == 1 ? Short.BYTES : Integer.BYTES;
        var length =
                version == 1
                        ? Short.reverseBytes(in.readShort()) & 0xffff
                        : Integer.reverseBytes(in.readInt());
        if (length < 0 || length > TEXT_BYTES_MAX) {
            throw new DataException(
                    "a header of %s bytes was found, expected at most %d: it is damaged"
                            .formatted(Integer.toUnsignedString(length), TEXT_BYTES_MAX));
        }
        var text = new byte[length];
        in.readFully(text);
        return of(
                new String(text, StandardCharsets.UTF_8), MAGIC.length + 2 + lengthBytes + length);
    }

    private static NpyHeader of(String text, int bytes) {
        var parts = DICTIONARY.matcher(text);
        if (!parts.matches()) {
            throw unreadable(text);
        }
        if (parts.group("fields") != null) {
            throw NumpyType.refused(
                    shortened(parts.group("fields")), "records of several fields", "float32");
        }
        if (parts.group("type") == null
                || parts.group("order") == null
                || parts.group("shape") == null) {
            throw unreadable(text);
        }
        return new NpyHeader(
                NumpyType.parse(parts.group("type")),
                parts.group("order").equals("True"),
                shape(parts.group("shape")),
                bytes);
    }

    private static List<Integer> shape(String text) {
        var extents = new ArrayList<Integer>();
        var parts = text.replaceFirst(",\\s*$", "").split(",", -1);
        for (var part : text.isBlank() ? new String[0] : parts) {
            var number = SHAPE.matcher(part);
            if (!number.matches()) {
                throw unreadable("'shape': (" + text + ")");
            }
            var extent = Long.parseLong(number.group(1));
            if (extent < 1 || extent > Integer.MAX_VALUE) {
                throw new DataException(
                        "its shape is (%s), expected extents from 1 to %d"
                                .formatted(text, Integer.MAX_VALUE));
            }
            extents.add((int) extent);
        }
        return extents;
    }

    /**
     * Returns the bytes of all elements.
     *
     * @throws DataException if no file has as many
     */
    long dataBytes() {
        var product = (long) type.bytes();
        try {
            for (var extent : shape) {
                product = Math.multiplyExact(product, (long) extent);
            }
            return product;
        } catch (ArithmeticException _) {
            throw new DataException(
                    "its shape is %s, which no file can hold: it is damaged".formatted(text()));
        }
    }

    /** Returns the number of elements. */
    public long count() {
        return dataBytes() / type.bytes();
    }

    /** Returns the shape in words for the user. */
    public String text() {
        return shape.isEmpty()
                ? "a single number"
                : shape.stream().map(String::valueOf).collect(Collectors.joining("×"));
    }

    private static DataException unreadable(String text) {
        return new DataException(
                ("its header is %s, expected such as {'descr': '<f4', 'fortran_order': False,"
                                + " 'shape': (150, 4)}")
                        .formatted(shortened(text.strip())));
    }

    private static String shortened(String text) {
        var plain = text.replaceAll("\\p{Cntrl}", "?");
        return plain.length() <= 100 ? plain : plain.substring(0, 100) + "…";
    }
}
