package dev.tutti.proto;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.Internal;
import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import com.google.protobuf.WireFormat;
import dev.tutti.common.vector.Floats;
import dev.tutti.common.vector.Precision;
import io.grpc.HasByteBuffer;
import io.grpc.MethodDescriptor;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;

/**
 * Writes and reads frames: the header as protobuf does, the payload as a {@link PayloadField}
 * straight from and to memory outside the heap. The bytes are those of the protobuf message in
 * {@code tutti.proto}.
 *
 * @param <H> the frame's header
 */
final class FrameMarshaller<H extends MessageLite>
        implements MethodDescriptor.Marshaller<Frame<H>> {
    /** Most bytes of a payload; a chunk is smaller. */
    static final int PAYLOAD_BYTES_MAX = 1 << 20;

    /** Most bytes of a frame, header and all. */
    static final int FRAME_BYTES_MAX = PAYLOAD_BYTES_MAX + (1 << 16);

    private final Class<H> type;
    private final H nothing;
    private final Parser<H> parser;
    private final ChunkPool pool;

    FrameMarshaller(Class<H> type, Parser<H> parser, ChunkPool pool) {
        this.type = type;
        this.nothing = type.cast(Internal.getDefaultInstance(type));
        this.parser = parser;
        this.pool = pool;
    }

    @Override
    public InputStream stream(Frame<H> frame) {
        return new FrameStream<>(frame);
    }

    @Override
    public Frame<H> parse(InputStream stream) {
        // Within one process the transport hands over the very stream: nothing is copied.
        if (stream instanceof FrameStream<?> own) {
            return new Frame<>(type.cast(own.frame().header()), own.frame().payload());
        }
        try {
            return read(stream);
        } catch (IOException e) {
            return new Frame<>(nothing, new Malformed("malformed frame: " + e.getMessage()));
        }
    }

    private Frame<H> read(InputStream stream) throws IOException {
        var header = new ByteArrayOutputStream(128);
        var payload = Frame.NO_PAYLOAD;
        try {
            for (var first = stream.read(); first >= 0; first = stream.read()) {
                var tag = CodedInputStream.readRawVarint32(first, stream);
                var isHalves = PayloadField.HALVES.hasTag(tag);
                var isPayload = isHalves || PayloadField.FLOATS.hasTag(tag);
                var precision = isHalves ? Precision.BF16 : Precision.FP32;
                if (WireFormat.getTagWireType(tag) != WireFormat.WIRETYPE_LENGTH_DELIMITED) {
                    throw new IOException("field of wire type " + WireFormat.getTagWireType(tag));
                }
                var bytes = CodedInputStream.readRawVarint32(stream.read(), stream);
                var bytesMax = PAYLOAD_BYTES_MAX / Floats.BYTES * precision.bytes();
                if (bytes < 0
                        || bytes > (isPayload ? bytesMax : PAYLOAD_BYTES_MAX)
                        || (isPayload && bytes % precision.bytes() != 0)) {
                    throw new IOException("field of " + bytes + " bytes");
                }
                if (isPayload) {
                    payload.release();
                    payload = pool.borrow(bytes, precision);
                    readInto(stream, payload.elements().memory());
                } else if (PayloadField.ENCODED.hasTag(tag)) {
                    payload.release();
                    payload = Frame.NO_PAYLOAD;
                    payload = PayloadField.readEncoded(stream, bytes, pool);
                } else {
                    copyField(tag, stream.readNBytes(bytes), bytes, header);
                }
            }
            return new Frame<>(parser.parseFrom(header.toByteArray()), payload);
        } catch (IOException | RuntimeException e) {
            payload.release();
            throw e;
        }
    }

    private static void copyField(int tag, byte[] content, int bytes, ByteArrayOutputStream out)
            throws IOException {
        if (content.length < bytes) {
            throw new IOException("ended within a field of %d bytes".formatted(bytes));
        }
        var coded = CodedOutputStream.newInstance(out);
        coded.writeUInt32NoTag(tag);
        coded.writeUInt32NoTag(bytes);
        coded.writeRawBytes(content);
        coded.flush();
    }

    /** Fills {@code out} from the stream, from the transport's own buffers where it shows them. */
    private static void readInto(InputStream stream, MemorySegment out) throws IOException {
        var target = out.asByteBuffer();
        while (target.hasRemaining()) {
            if (stream instanceof HasByteBuffer buffers && buffers.byteBufferSupported()) {
                var source = buffers.getByteBuffer();
                if (source == null) {
                    throw ended(target);
                }
                var bytes = Math.min(source.remaining(), target.remaining());
                target.put(source.slice(source.position(), bytes));
                stream.skipNBytes(bytes);
            } else {
                var bytes = stream.readNBytes(Math.min(target.remaining(), 1 << 16));
                if (bytes.length == 0) {
                    throw ended(target);
                }
                target.put(bytes);
            }
        }
    }

    private static IOException ended(ByteBuffer target) {
        return new IOException(
                "ended %d bytes before the end of a payload of %d"
                        .formatted(target.remaining(), target.capacity()));
    }
}
