package dev.tutti.coordinator.stream;

import io.grpc.Metadata;
import io.grpc.ServerStreamTracer;
import java.util.concurrent.atomic.LongAdder;

/** Counts the bytes of all calls as they are on the wire, HTTP/2 frames' headers left out. */
public final class TrafficCounter extends ServerStreamTracer.Factory {
    private final LongAdder sent = new LongAdder();
    private final LongAdder received = new LongAdder();

    /** Makes a counter that goes on from these. */
    public TrafficCounter(long sentBytes, long receivedBytes) {
        sent.add(sentBytes);
        received.add(receivedBytes);
    }

    @Override
    public ServerStreamTracer newServerStreamTracer(String fullMethodName, Metadata headers) {
        return new ServerStreamTracer() {
            @Override
            public void outboundWireSize(long bytes) {
                sent.add(bytes);
            }

            @Override
            public void inboundWireSize(long bytes) {
                received.add(bytes);
            }
        };
    }

    /** Returns the bytes sent. */
    public long sentBytes() {
        return sent.sum();
    }

    /** Returns the bytes received. */
    public long receivedBytes() {
        return received.sum();
    }
}
