package dev.tutti.proto;

import dev.tutti.common.average.Payload;
import dev.tutti.common.kernel.Floats;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * Memory for payloads that arrive: buffers of the largest chunk, used again and again. Its size
 * follows the chunks in flight, which credit and flow control bound. Any thread may use it.
 */
public final class ChunkPool {
    private final Queue<MemorySegment> idle = new ConcurrentLinkedQueue<>();

    /** Lends room for {@code bytes}, at most {@link FrameMarshaller#PAYLOAD_BYTES_MAX}. */
    Payload borrow(int bytes) {
        var found = idle.poll();
        var buffer =
                found != null
                        ? found
                        : Floats.allocate(
                                Arena.ofAuto(), FrameMarshaller.PAYLOAD_BYTES_MAX / Floats.BYTES);
        var floats = buffer.asSlice(0, bytes);
        return new Payload() {
            @Override
            public MemorySegment floats() {
                return floats;
            }

            @Override
            public void release() {
                idle.add(buffer);
            }
        };
    }
}
