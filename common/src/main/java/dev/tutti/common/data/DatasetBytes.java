package dev.tutti.common.data;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/** A cursor over a dataset file's bytes; reading refuses what is missing or out of range. */
final class DatasetBytes {
    private static final ValueLayout.OfInt INT32 =
            ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong INT64 =
            ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private static final int TEXT_BYTES_MAX = 1 << 16;

    private final MemorySegment bytes;
    private long position;

    DatasetBytes(MemorySegment bytes) {
        this.bytes = bytes;
    }

    long position() {
        return position;
    }

    long byteSize() {
        return bytes.byteSize();
    }

    long remaining() {
        return bytes.byteSize() - position;
    }

    int int32(String what, int min, int max) {
        var value = advance(what, Integer.BYTES).get(INT32, 0);
        if (value < min || value > max) {
            throw new DataException(
                    "dataset file: the %s must be from %d to %d, was %d"
                            .formatted(what, min, max, value));
        }
        return value;
    }

    long int64(String what) {
        return advance(what, Long.BYTES).get(INT64, 0);
    }

    String text(String what) {
        var count = int32("length of the " + what, 0, TEXT_BYTES_MAX);
        var text = advance(what, count);
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(text.asByteBuffer()).toString();
        } catch (CharacterCodingException _) {
            throw new DataException("dataset file: the %s is not valid UTF-8".formatted(what));
        }
    }

    void padding(int alignment) {
        while (position % alignment != 0) {
            if (advance("padding", 1).get(ValueLayout.JAVA_BYTE, 0) != 0) {
                throw new DataException(
                        "dataset file: padding at byte %d must be 0".formatted(position - 1));
            }
        }
    }

    /** Returns a view of the next {@code count} elements. */
    MemorySegment section(String what, long count, int elementBytes) {
        if (count > remaining() / elementBytes) {
            throw truncated(what, count + " × " + elementBytes);
        }
        return advance(what, count * elementBytes);
    }

    void putInt32(int value) {
        bytes.set(INT32, position, value);
        position += Integer.BYTES;
    }

    void putInt64(long value) {
        bytes.set(INT64, position, value);
        position += Long.BYTES;
    }

    void putText(String text) {
        var encoded = text.getBytes(StandardCharsets.UTF_8);
        if (encoded.length > TEXT_BYTES_MAX) {
            throw new DataException(
                    "dataset file: a name must take at most %d bytes, found one of %d"
                            .formatted(TEXT_BYTES_MAX, encoded.length));
        }
        putInt32(encoded.length);
        MemorySegment.copy(encoded, 0, bytes, ValueLayout.JAVA_BYTE, position, encoded.length);
        position += encoded.length;
    }

    static long textBytes(String text) {
        return (long) Integer.BYTES + text.getBytes(StandardCharsets.UTF_8).length;
    }

    private MemorySegment advance(String what, long count) {
        if (count > remaining()) {
            throw truncated(what, Long.toString(count));
        }
        var slice = bytes.asSlice(position, count);
        position += count;
        return slice;
    }

    private DataException truncated(String what, String expected) {
        return new DataException(
                ("dataset file: the %s should take %s bytes at byte %d, but the file ends after %d:"
                                + " it is truncated or damaged")
                        .formatted(what, expected, position, bytes.byteSize()));
    }
}
