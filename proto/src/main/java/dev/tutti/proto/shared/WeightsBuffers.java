package dev.tutti.proto.shared;

import dev.tutti.common.average.Payload;
import dev.tutti.common.kernel.Floats;
import dev.tutti.proto.WireException;
import java.lang.foreign.MemorySegment;

/**
 * The two places of the weights: while workers read the one, the coordinator writes the other.
 *
 * @param memory both, one behind the other, each from the start of a page on
 * @param floats floats of each
 */
record WeightsBuffers(MemorySegment memory, long floats) {
    static final int COUNT = 2;

    /** Returns the bytes of both. */
    static long bytes(long floats) {
        return COUNT * Layout.pages(floats * Floats.BYTES);
    }

    MemorySegment segment(int buffer) {
        return memory.asSlice(buffer * Layout.pages(floats * Floats.BYTES), floats * Floats.BYTES);
    }

    Payload at(int buffer) {
        if (buffer < 0 || buffer >= COUNT) {
            throw new WireException("weights in buffer %d of %d".formatted(buffer, COUNT));
        }
        return Payload.of(segment(buffer));
    }

    int indexOf(MemorySegment weights) {
        for (var buffer = 0; buffer < COUNT; buffer++) {
            if (segment(buffer).address() == weights.address()) {
                return buffer;
            }
        }
        throw new IllegalArgumentException("weights outside shared memory");
    }
}
