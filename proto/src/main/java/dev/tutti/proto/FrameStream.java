package dev.tutti.proto;

import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.MessageLite;
import dev.tutti.common.vector.Bf16;
import dev.tutti.common.vector.Floats;
import dev.tutti.common.vector.Precision;
import io.grpc.Drainable;
import io.grpc.KnownLength;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;

/** A frame as the stream of its bytes; gRPC drains it straight into its own buffers. */
final class FrameStream<H extends MessageLite> extends InputStream
        implements Drainable, KnownLength {
    private static final int SLICE_BYTES = 1 << 14;

    private final Frame<H> frame;
    private final boolean isShortened;
    private final int payloadTag;

    /**
     * More than an int holds where frames are handed over within one process, and never drained.
     */
    private final long payloadBytes;

    private boolean drained;
    private @Nullable InputStream buffered;

    /**
     * Makes the stream of a frame.
     *
     * @param floatsTag of the payload
     * @param halvesTag of a payload of 16-bit numbers, or of floats that fit into them
     */
    FrameStream(Frame<H> frame, int floatsTag, int halvesTag) {
        this.frame = frame;
        var elements = frame.payload().elements();
        var precision =
                elements.precision() == Precision.FP32 && Bf16.isExact(elements.floats())
                        ? Precision.BF16
                        : elements.precision();
        this.isShortened = precision != elements.precision();
        this.payloadTag = precision == Precision.BF16 ? halvesTag : floatsTag;
        this.payloadBytes = elements.count() * precision.bytes();
    }

    Frame<H> frame() {
        return frame;
    }

    @Override
    public int drainTo(OutputStream target) throws IOException {
        var bytes = available();
        var coded = CodedOutputStream.newInstance(target, 256);
        frame.header().writeTo(coded);
        var payload = frame.payload().elements().memory();
        if (payloadBytes > 0) {
            coded.writeUInt32NoTag(payloadTag);
            coded.writeUInt32NoTag(Math.toIntExact(payloadBytes));
        }
        coded.flush();
        if (isShortened) {
            copyHalves(payload, target);
        } else {
            copy(payload, target);
        }
        drained = true;
        return bytes;
    }

    private static void copy(MemorySegment payload, OutputStream target) throws IOException {
        var slice = new byte[(int) Math.min(SLICE_BYTES, payload.byteSize())];
        for (long at = 0; at < payload.byteSize(); at += slice.length) {
            var bytes = (int) Math.min(slice.length, payload.byteSize() - at);
            MemorySegment.copy(payload, ValueLayout.JAVA_BYTE, at, slice, 0, bytes);
            target.write(slice, 0, bytes);
        }
    }

    private static void copyHalves(MemorySegment payload, OutputStream target) throws IOException {
        var count = Floats.count(payload);
        var part = (int) Math.min(SLICE_BYTES / Bf16.BYTES, count);
        var encoded = MemorySegment.ofArray(new short[part]);
        var slice = new byte[part * Bf16.BYTES];
        for (long at = 0; at < count; at += part) {
            var floats = Floats.slice(payload, at, Math.min(part, count - at));
            var bytes = (int) Floats.count(floats) * Bf16.BYTES;
            Bf16.encodeExact(floats, encoded);
            MemorySegment.copy(encoded, ValueLayout.JAVA_BYTE, 0, slice, 0, bytes);
            target.write(slice, 0, bytes);
        }
    }

    @Override
    public int available() {
        if (drained) {
            return 0;
        }
        var prefix =
                payloadBytes == 0
                        ? 0
                        : CodedOutputStream.computeUInt32SizeNoTag(payloadTag)
                                + CodedOutputStream.computeUInt64SizeNoTag(payloadBytes);
        var bytes = frame.header().getSerializedSize() + prefix + payloadBytes;
        return (int) Math.min(bytes, Integer.MAX_VALUE);
    }

    @Override
    public int read() throws IOException {
        return bytes().read();
    }

    @Override
    public int read(byte[] out, int from, int count) throws IOException {
        return bytes().read(out, from, count);
    }

    /** Returns the bytes as a stream, for a transport that reads where it might drain. */
    private InputStream bytes() throws IOException {
        if (buffered == null) {
            var buffer = new ByteArrayOutputStream(available());
            drainTo(buffer);
            buffered = new ByteArrayInputStream(buffer.toByteArray());
        }
        return buffered;
    }
}
