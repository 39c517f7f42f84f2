package dev.tutti.proto;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.WireFormat;
import dev.tutti.common.average.Payload;
import dev.tutti.common.rounding.Rounding;
import dev.tutti.common.rounding.Roundings;
import dev.tutti.common.vector.Floats;
import dev.tutti.common.vector.Precision;
import dev.tutti.proto.failure.WireException;
import dev.tutti.proto.v1.Encoded;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;

/**
 * The field of a frame that holds its payload. It says how the numbers are written. The sender
 * knows that, and never looks at the numbers to find it out.
 */
enum PayloadField {
    /** As a {@linkplain Rounding rounding} writes them. */
    ENCODED(13),
    /** Numbers of 16 bits. */
    HALVES(14),
    /** Floats. */
    FLOATS(15);

    /** What the fields before a payload's bytes mostly take; more is no error. */
    private static final int PREFIX_BYTES = 64;

    private final int tag;

    PayloadField(int number) {
        this.tag = number << 3 | WireFormat.WIRETYPE_LENGTH_DELIMITED;
    }

    /**
     * A payload as it is written.
     *
     * @param prefix what stands before its bytes
     * @param bytes more than an int holds where frames are handed over within one process, and
     *     never written
     */
    record Written(ByteString prefix, MemorySegment bytes) {
        long length() {
            return prefix.size() + bytes.byteSize();
        }
    }

    /** Returns a payload as it is written; floats that are not encoded stay where they are. */
    static Written write(Payload payload) {
        var elements = payload.elements();
        if (elements.count() == 0) {
            return new Written(ByteString.EMPTY, MemorySegment.NULL);
        }
        if (elements.precision() == Precision.BF16) {
            return HALVES.written(elements.memory());
        }
        return payload.rounding().equals(Roundings.NONE)
                ? FLOATS.written(elements.floats())
                : encoded(elements.floats(), payload.rounding());
    }

    private Written written(MemorySegment bytes) {
        return new Written(
                prefix(coded -> {
                    coded.writeUInt32NoTag(tag);
                    coded.writeUInt64NoTag(bytes.byteSize());
                }),
                bytes);
    }

    private static Written encoded(MemorySegment floats, Rounding rounding) {
        var count = Math.toIntExact(Floats.count(floats));
        var room = MemorySegment.ofArray(new byte[rounding.bytesMax(count)]);
        var bytes = room.asSlice(0, rounding.encode(floats, room));
        var head =
                prefix(coded -> {
                    coded.writeString(Encoded.ROUNDING_FIELD_NUMBER, rounding.text());
                    coded.writeInt32(Encoded.FLOATS_FIELD_NUMBER, count);
                    coded.writeTag(
                            Encoded.CONTENT_FIELD_NUMBER, WireFormat.WIRETYPE_LENGTH_DELIMITED);
                    coded.writeUInt64NoTag(bytes.byteSize());
                });
        var whole =
                prefix(coded -> {
                    coded.writeUInt32NoTag(ENCODED.tag);
                    coded.writeUInt64NoTag(head.size() + bytes.byteSize());
                });
        return new Written(whole.concat(head), bytes);
    }

    /** Writes the fields before a payload's bytes. */
    private interface Fields {
        void write(CodedOutputStream out) throws IOException;
    }

    private static ByteString prefix(Fields fields) {
        var text = ByteString.newOutput(PREFIX_BYTES);
        var coded = CodedOutputStream.newInstance(text, PREFIX_BYTES);
        try {
            fields.write(coded);
            coded.flush();
        } catch (IOException e) {
            throw new UncheckedIOException("memory cannot be written", e);
        }
        return text.toByteString();
    }

    /** Tells whether a field of this tag is this one. */
    boolean hasTag(int found) {
        return found == tag;
    }

    /**
     * Returns the payload that an {@link #ENCODED} field holds.
     *
     * @throws IOException if it stands for no numbers
     */
    static Payload readEncoded(InputStream stream, int bytes, ChunkPool pool) throws IOException {
        var content = stream.readNBytes(bytes);
        if (content.length < bytes) {
            throw new IOException("ended within a field of %d bytes".formatted(bytes));
        }
        try {
            return decoded(Encoded.parseFrom(content), pool);
        } catch (WireException | IllegalArgumentException e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    private static Payload decoded(Encoded encoded, ChunkPool pool) throws IOException {
        var rounding = Rounding.parse(Texts.plugIn("rounding", encoded.getRounding()));
        var floats = encoded.getFloats();
        if (floats < 1 || floats > FrameMarshaller.PAYLOAD_BYTES_MAX / Floats.BYTES) {
            throw new IOException("a payload of %d rounded numbers".formatted(floats));
        }
        var bytes = encoded.getContent();
        if (bytes.size() > rounding.bytesMax(floats)) {
            throw new IOException(
                    "%d bytes of %d numbers as %s, expected at most %d"
                            .formatted(
                                    bytes.size(),
                                    floats,
                                    encoded.getRounding(),
                                    rounding.bytesMax(floats)));
        }
        var room = pool.borrow(floats * Floats.BYTES, Precision.FP32);
        try {
            rounding.decode(
                    MemorySegment.ofBuffer(bytes.asReadOnlyByteBuffer()), room.elements().floats());
        } catch (RuntimeException e) {
            room.release();
            throw e;
        }
        return Payload.of(room.elements(), rounding, room::release);
    }
}
