package dev.tutti.common.step;

import dev.tutti.common.average.Chunks;
import dev.tutti.common.average.Payload;
import dev.tutti.common.kernel.Floats;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.BitSet;

/**
 * A worker process's copy of the weights, put together from chunks; or the very memory that was
 * handed over, when one message brought all of it.
 *
 * <p>A newer version may overwrite the copy while a worker still reads it. That is harmless: the
 * version only moves on when the lease of that worker is over, so its result will be dropped.
 */
final class ReceivedWeights {
    /** No version is complete. */
    static final long NONE = -1;

    private final Chunks chunks;
    private final MemorySegment copy;
    private final BitSet arrived = new BitSet();
    private MemorySegment current;
    private Payload held = Payload.of(Floats.NONE);
    private long incoming = NONE;
    private long complete = NONE;

    ReceivedWeights(Arena arena, Chunks chunks) {
        this.chunks = chunks;
        // Untouched pages of it cost nothing where the weights are shared in place.
        this.copy = Floats.allocate(arena, chunks.length());
        this.current = copy;
    }

    /** Tells whether a stretch is a chunk of these weights, or all of them. */
    boolean fits(ToWorker.Weights weights) {
        var found = Floats.count(weights.values().floats());
        return chunks.isWhole(weights.offset(), found) || chunks.isChunk(weights.offset(), found);
    }

    /** Takes a stretch that fits; owns its payload from now on. */
    void take(ToWorker.Weights weights) {
        var floats = weights.values().floats();
        if (weights.version() != incoming) {
            incoming = weights.version();
            arrived.clear();
            complete = NONE;
        }
        if (chunks.isWhole(weights.offset(), Floats.count(floats))) {
            held.release();
            held = weights.values();
            current = floats;
            complete = incoming;
            return;
        }
        Floats.copy(floats, Floats.slice(copy, weights.offset(), Floats.count(floats)));
        weights.values().release();
        current = copy;
        arrived.set(chunks.at(weights.offset()));
        if (arrived.cardinality() == chunks.count()) {
            complete = incoming;
        }
    }

    /** Returns the version that is whole, or {@link #NONE}. */
    long version() {
        return complete;
    }

    /** Returns the version whose chunks are coming or have come, or {@link #NONE}. */
    long incoming() {
        return incoming;
    }

    /** Returns what has come of the incoming version. */
    PublishedWeights published() {
        var there =
                incoming != NONE && complete == incoming ? chunks.count() : arrived.nextClearBit(0);
        return new PublishedWeights(current, chunks, incoming, there);
    }

    MemorySegment floats() {
        return current;
    }
}
