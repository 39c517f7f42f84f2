package dev.tutti.proto;

import dev.tutti.common.average.Payload;
import dev.tutti.common.vector.Elements;
import dev.tutti.common.vector.Floats;
import dev.tutti.common.vector.Precision;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Memory for payloads that arrive: buffers as large as the largest chunk so far, used again and
 * again. Its size follows the chunks in flight, which credit and flow control bound. Any thread may
 * use it.
 */
public final class ChunkPool {
    private final Queue<MemorySegment> idle = new ConcurrentLinkedQueue<>();
    private final AtomicInteger largest = new AtomicInteger();

    /**
     * Lends room for {@code bytes}, at most {@link FrameMarshaller#PAYLOAD_BYTES_MAX}.
     *
     * @param precision of the numbers that come
     */
    Payload borrow(int bytes, Precision precision) {
        var size = largest.accumulateAndGet(bytes, Math::max);
        var found = idle.poll();
        // One that a shorter chunk was met with before is left to the collector, once.
        var buffer =
                found != null && found.byteSize() >= bytes
                        ? found
                        : Floats.allocate(Arena.ofAuto(), floats(size));
        return Payload.of(
                new Elements(buffer.asSlice(0, bytes), precision), () -> idle.add(buffer));
    }

    private static int floats(int bytes) {
        return (bytes + Floats.BYTES - 1) / Floats.BYTES;
    }
}
