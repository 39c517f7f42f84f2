package dev.tutti.proto;

import com.google.protobuf.MessageLite;
import dev.tutti.common.average.Chunks;
import dev.tutti.common.vector.Floats;
import dev.tutti.proto.shared.Lane;
import io.grpc.stub.CallStreamObserver;
import org.jspecify.annotations.Nullable;

/**
 * Where one side's frames go: into the gRPC stream, and from the moment on that both sides have
 * mapped a lane, into that. Owned by one thread.
 *
 * @param <H> the frames' header
 */
public final class Outbound<H extends MessageLite> {
    /**
     * Bytes that may wait in gRPC while a stream still counts as ready: the next chunk is made
     * while the second half of one is written. With gRPC's own 32 KiB a chunk is made only when
     * nothing is left to write.
     */
    public static final int READY_BYTES = Chunks.DEFAULT_FLOATS * Floats.BYTES / 2;

    private final CallStreamObserver<Frame<H>> stream;
    private @Nullable Lane lane;

    /** Makes the way out through a stream. */
    public Outbound(CallStreamObserver<Frame<H>> stream) {
        this.stream = stream;
    }

    /** Sends through the lane from now on. */
    public void switchTo(Lane mapped) {
        lane = mapped;
    }

    /** Tells whether a frame can be sent without waiting in memory. */
    public boolean isReady() {
        return lane == null ? stream.isReady() : lane.hasRoom();
    }

    /** Tells whether a frame can go through the stream, even beside a lane. */
    public boolean isStreamReady() {
        return stream.isReady();
    }

    /** Sends a frame through the stream with its payload, even beside a lane. */
    public void sendInStream(Frame<H> frame) {
        stream.onNext(frame);
    }

    /** Sends a frame; in a lane its header says where the payload is. */
    public void send(Frame<H> frame) {
        if (lane == null) {
            stream.onNext(frame);
        } else {
            lane.write(frame.header().toByteArray());
        }
    }

    /** Lets the peer send one more frame through the stream, even beside a lane. */
    public void requestNextInStream() {
        stream.request(1);
    }

    /** Lets the peer send one more frame through the stream; a lane bounds itself. */
    public void requestNext() {
        if (lane == null) {
            stream.request(1);
        }
    }
}
