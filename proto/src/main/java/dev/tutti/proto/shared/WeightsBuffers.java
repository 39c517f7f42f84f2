package dev.tutti.proto.shared;

import dev.tutti.common.average.Payload;
import dev.tutti.common.vector.Elements;
import dev.tutti.common.vector.Precision;
import dev.tutti.proto.failure.WireException;
import java.lang.foreign.MemorySegment;

/**
 * The places of the weights: while workers read some, the coordinator writes another.
 *
 * @param memory all, one behind the other, each from the start of a page on
 * @param count how many, at least {@link #COUNT_MIN}
 * @param floats weights of each
 * @param precision how each is stored
 */
record WeightsBuffers(MemorySegment memory, int count, long floats, Precision precision) {
    /** Those before a step and after it. */
    static final int COUNT_MIN = 2;

    /** Returns the bytes of all. */
    static long bytes(int count, long floats, Precision precision) {
        return count * Layout.pages(floats * precision.bytes());
    }

    Elements elements(int buffer) {
        var offset = buffer * Layout.pages(floats * precision.bytes());
        return Elements.in(memory.asSlice(offset), precision, floats);
    }

    Payload at(int buffer) {
        if (buffer < 0 || buffer >= count) {
            throw new WireException("weights in buffer %d of %d".formatted(buffer, count));
        }
        return Payload.of(elements(buffer));
    }

    int indexOf(Elements weights) {
        for (var buffer = 0; buffer < count; buffer++) {
            if (elements(buffer).memory().address() == weights.memory().address()) {
                return buffer;
            }
        }
        throw new IllegalArgumentException("weights outside shared memory");
    }
}
