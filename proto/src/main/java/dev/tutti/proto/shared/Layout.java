package dev.tutti.proto.shared;

import dev.tutti.common.vector.Elements;
import dev.tutti.common.vector.Floats;
import dev.tutti.common.vector.Precision;
import dev.tutti.proto.loop.Bell;
import java.lang.foreign.MemorySegment;

/**
 * Where things are in a lane: two rings, the worker's bell, the vectors' states, the vectors.
 *
 * @param vectors number of vectors
 * @param vectorFloats floats of each
 */
record Layout(int vectors, long vectorFloats) {
    private static final int PAGE_BYTES = 4096;
    private static final int VECTORS_MAX = 1 << 16;

    Layout {
        if (vectors < 1 || vectors > VECTORS_MAX || vectorFloats < 1) {
            throw new IllegalArgumentException(
                    "a lane of %d vectors of %d floats".formatted(vectors, vectorFloats));
        }
    }

    MemorySegment ringToWorker(MemorySegment lane) {
        return lane.asSlice(0, Ring.BYTES);
    }

    MemorySegment ringToCoordinator(MemorySegment lane) {
        return lane.asSlice(Ring.BYTES, Ring.BYTES);
    }

    /** Returns what the worker process is woken by. */
    Bell bell(MemorySegment lane) {
        return new Bell(lane.asSlice(2L * Ring.BYTES, Bell.BYTES));
    }

    /** Returns the states, an int for each vector. */
    MemorySegment states(MemorySegment lane) {
        return lane.asSlice(2L * Ring.BYTES + Bell.BYTES, 4L * vectors);
    }

    /** Returns a vector; one of 16-bit numbers leaves the rest of its room unused. */
    Elements vector(MemorySegment lane, int index, Precision precision) {
        return Elements.in(
                lane.asSlice(vectorOffset(index), vectorFloats * Floats.BYTES),
                precision,
                vectorFloats);
    }

    long vectorOffset(int index) {
        return headBytes() + index * vectorBytes();
    }

    /** Returns the bytes from one vector to the next. */
    long vectorBytes() {
        return pages(vectorFloats * Floats.BYTES);
    }

    /** Returns the bytes before the vectors. */
    long headBytes() {
        return 2L * Ring.BYTES + pages(Bell.BYTES + 4L * vectors);
    }

    long bytes() {
        return vectorOffset(vectors);
    }

    static long pages(long bytes) {
        return (bytes + PAGE_BYTES - 1) / PAGE_BYTES * PAGE_BYTES;
    }
}
