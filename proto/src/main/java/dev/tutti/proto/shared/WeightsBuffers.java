package dev.tutti.proto.shared;

import dev.tutti.common.average.Payload;
import dev.tutti.common.vector.Elements;
import dev.tutti.common.vector.Precision;
import dev.tutti.proto.failure.WireException;
import java.lang.foreign.MemorySegment;

/**
 * The two places of the weights: while workers read the one, the coordinator writes the other.
 *
 * @param memory both, one behind the other, each from the start of a page on
 * @param floats weights of each
 * @param precision how each is stored
 */
record WeightsBuffers(MemorySegment memory, long floats, Precision precision) {
    static final int COUNT = 2;

    /** Returns the bytes of both. */
    static long bytes(long floats, Precision precision) {
        return COUNT * Layout.pages(floats * precision.bytes());
    }

    Elements elements(int buffer) {
        var offset = buffer * Layout.pages(floats * precision.bytes());
        return Elements.in(memory.asSlice(offset), precision, floats);
    }

    Payload at(int buffer) {
        if (buffer < 0 || buffer >= COUNT) {
            throw new WireException("weights in buffer %d of %d".formatted(buffer, COUNT));
        }
        return Payload.of(elements(buffer));
    }

    int indexOf(Elements weights) {
        for (var buffer = 0; buffer < COUNT; buffer++) {
            if (elements(buffer).memory().address() == weights.memory().address()) {
                return buffer;
            }
        }
        throw new IllegalArgumentException("weights outside shared memory");
    }
}
