package dev.tutti.common.format;

import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;
import static java.nio.ByteOrder.LITTLE_ENDIAN;

import dev.tutti.common.vector.Floats;
import dev.tutti.common.vector.Shape;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Named tensors in the safetensors format, which PyTorch and its relatives load: the header's
 * length as a little-endian 64-bit number, the header as JSON, then the tensors' bytes without
 * gaps.
 *
 * @param tensors in the order of their bytes; no name comes twice
 * @param metadata free texts about the whole, kept sorted so that equal contents have equal bytes
 */
public record Safetensors(List<Tensor> tensors, Map<String, String> metadata) {
    /** The header's longest length, as other readers have it. */
    static final long HEADER_BYTES_MAX = 100_000_000;

    /** Bytes before the header. */
    static final int LENGTH_BYTES = 8;

    static final String METADATA = "__metadata__";
    private static final int HEADER_ALIGNMENT_BYTES = 8;
    private static final ValueLayout.OfLong LENGTH = JAVA_LONG_UNALIGNED.withOrder(LITTLE_ENDIAN);

    /**
     * One tensor.
     *
     * @param values {@code shape.size()} floats, row-major
     */
    public record Tensor(String name, Shape shape, MemorySegment values) {
        /** Refuses values that do not fill the shape. */
        public Tensor {
            if (values.byteSize() != (long) shape.size() * Floats.BYTES) {
                throw new IllegalArgumentException(
                        "tensor \"%s\" of shape [%s] must hold %d bytes, holds %d"
                                .formatted(
                                        name,
                                        shape,
                                        (long) shape.size() * Floats.BYTES,
                                        values.byteSize()));
            }
        }
    }

    /** Copies both collections and refuses a name twice. */
    public Safetensors {
        tensors = List.copyOf(tensors);
        metadata = Collections.unmodifiableMap(new TreeMap<>(metadata));
        var names = new HashSet<String>();
        for (var tensor : tensors) {
            if (tensor.name().equals(METADATA) || !names.add(tensor.name())) {
                throw new IllegalArgumentException(
                        "tensor name \"%s\" is taken; choose another".formatted(tensor.name()));
            }
        }
    }

    /**
     * Reads a whole file. Numbers of 64 or 16 bits become floats. The tensors are copies: {@code
     * bytes} may be closed afterwards.
     *
     * @throws FormatException if it is malformed in any way; the message says what was found and
     *     what was expected
     */
    public static Safetensors read(MemorySegment bytes) {
        return SafetensorsHeader.read(bytes).load(bytes);
    }

    /**
     * Returns the file's bytes as segments that follow one another: what is in front of the
     * tensors, then each tensor. These are the tensors' own memory where it has the file's byte
     * order, so nothing large is copied.
     */
    public List<MemorySegment> segments() {
        var segments = new ArrayList<MemorySegment>();
        segments.add(MemorySegment.ofArray(front()));
        tensors.forEach(tensor -> segments.add(inFileOrder(tensor.values())));
        return segments;
    }

    private static MemorySegment inFileOrder(MemorySegment values) {
        if (ByteOrder.nativeOrder() == LITTLE_ENDIAN) {
            return values;
        }
        var swapped = Arena.ofAuto().allocate(values.byteSize(), Floats.ALIGNMENT_BYTES);
        ElementType.fromFloats(values, swapped);
        return swapped;
    }

    /** Returns the bytes in front of the tensors' bytes: the header's length and the header. */
    private byte[] front() {
        var header = header();
        var front = new byte[LENGTH_BYTES + header.length];
        MemorySegment.ofArray(front).set(LENGTH, 0, header.length);
        System.arraycopy(header, 0, front, LENGTH_BYTES, header.length);
        return front;
    }

    private byte[] header() {
        var text = new StringBuilder("{");
        if (!metadata.isEmpty()) {
            text.append(Json.quoted(METADATA)).append(":{");
            metadata.forEach((key, value) ->
                    text.append(Json.quoted(key))
                            .append(':')
                            .append(Json.quoted(value))
                            .append(','));
            text.setCharAt(text.length() - 1, '}');
            text.append(',');
        }
        var begin = 0L;
        for (var tensor : tensors) {
            var end = begin + tensor.values().byteSize();
            text.append(Json.quoted(tensor.name()))
                    .append(
                            ":{\"dtype\":\"F32\",\"shape\":%s,\"data_offsets\":[%d,%d]},"
                                    .formatted(extents(tensor.shape()), begin, end));
            begin = end;
        }
        if (text.length() > 1) {
            text.setLength(text.length() - 1);
        }
        return padded(text.append('}').toString().getBytes(StandardCharsets.UTF_8));
    }

    private static String extents(Shape shape) {
        return shape.dimensions().toString().replace(" ", "");
    }

    /** Appends spaces, so that the tensors begin on a multiple of 8 bytes. */
    private static byte[] padded(byte[] header) {
        var length = Math.ceilDiv(header.length, HEADER_ALIGNMENT_BYTES) * HEADER_ALIGNMENT_BYTES;
        var out = Arrays.copyOf(header, length);
        Arrays.fill(out, header.length, length, (byte) ' ');
        return out;
    }

    /** Returns the number in front of the header. */
    static long headerLength(MemorySegment bytes) {
        return bytes.get(LENGTH, 0);
    }
}
