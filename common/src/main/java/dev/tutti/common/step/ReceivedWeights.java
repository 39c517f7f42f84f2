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
 * <p>There are two copies: chunks of the next version come while a worker still computes with the
 * one before. Once the next version is whole, the older copy may be overwritten while a worker
 * still reads it. That is harmless: the lease of that worker is over, and its result will be
 * dropped.
 */
final class ReceivedWeights {
    /** No version is complete. */
    static final long NONE = -1;

    private final Chunks chunks;
    private final BitSet arrived = new BitSet();
    private MemorySegment current;
    private MemorySegment next;
    private Payload held = Payload.of(Floats.NONE);
    private long incoming = NONE;
    private long complete = NONE;
    private boolean inPlace;

    ReceivedWeights(Arena arena, Chunks chunks) {
        this.chunks = chunks;
        // Untouched pages of them cost nothing where the weights are shared in place.
        this.current = Floats.allocate(arena, chunks.length());
        this.next = Floats.allocate(arena, chunks.length());
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
        }
        inPlace = chunks.isWhole(weights.offset(), Floats.count(floats));
        if (inPlace) {
            held.release();
            held = weights.values();
            complete = incoming;
            return;
        }
        if (complete == incoming) {
            // It comes a second time, and is there.
            weights.values().release();
            return;
        }
        Floats.copy(floats, Floats.slice(next, weights.offset(), Floats.count(floats)));
        weights.values().release();
        arrived.set(chunks.at(weights.offset()));
        if (arrived.cardinality() == chunks.count()) {
            complete = incoming;
            var before = current;
            current = next;
            next = before;
        }
    }

    /** Returns the newest version that is whole, or {@link #NONE}. */
    long version() {
        return complete;
    }

    /** Returns the version whose chunks are coming or have come, or {@link #NONE}. */
    long incoming() {
        return incoming;
    }

    /** Returns what has come of the incoming version. */
    PublishedWeights published() {
        return incoming != NONE && complete == incoming
                ? new PublishedWeights(floats(), chunks, incoming, chunks.count())
                : new PublishedWeights(next, chunks, incoming, arrived.nextClearBit(0));
    }

    /** Returns the weights of {@link #version}. */
    MemorySegment floats() {
        return inPlace ? held.floats() : current;
    }
}
