package dev.tutti.proto;

import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.MessageLite;
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
    private PayloadField.@Nullable Written written;
    private boolean drained;
    private @Nullable InputStream buffered;

    FrameStream(Frame<H> frame) {
        this.frame = frame;
    }

    Frame<H> frame() {
        return frame;
    }

    @Override
    public int drainTo(OutputStream target) throws IOException {
        var bytes = available();
        var coded = CodedOutputStream.newInstance(target, 256);
        frame.header().writeTo(coded);
        coded.flush();
        payload().prefix().writeTo(target);
        copy(payload().bytes(), target);
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

    @Override
    public int available() {
        if (drained) {
            return 0;
        }
        var bytes = frame.header().getSerializedSize() + payload().length();
        return (int) Math.min(bytes, Integer.MAX_VALUE);
    }

    /** Returns the payload's bytes, encoded when they are first asked for. */
    private PayloadField.Written payload() {
        var known = written;
        if (known == null) {
            known = PayloadField.write(frame.payload());
            written = known;
        }
        return known;
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
