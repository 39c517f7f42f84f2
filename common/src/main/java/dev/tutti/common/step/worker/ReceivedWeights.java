package dev.tutti.common.step.worker;

import dev.tutti.common.average.Chunks;
import dev.tutti.common.average.Payload;
import dev.tutti.common.step.course.PublishedWeights;
import dev.tutti.common.step.message.ToWorker;
import dev.tutti.common.vector.Elements;
import dev.tutti.common.vector.Precision;
import java.lang.foreign.Arena;
import java.util.BitSet;

/**
 * A worker process's copy of the weights, put together from chunks; or the very memory that was
 * handed over, when one message brought all of it.
 *
 * <p>There are two copies: chunks of the next version come while a worker still computes with the
 * one before. Once the next version is whole, the older copy may be overwritten while a worker
 * still reads it. That is harmless: the lease of that worker is over, and its result will be
 * dropped. Weights that are handed over need no memory here.
 */
public final class ReceivedWeights {
    private final Arena arena;
    private final Chunks chunks;
    private final Precision precision;
    private final BitSet arrived = new BitSet();
    private Elements current = Elements.NONE;
    private Elements next = Elements.NONE;
    private Payload held = Payload.of(Elements.NONE);
    private long incoming = PublishedWeights.NO_VERSION;
    private long complete = PublishedWeights.NO_VERSION;
    private boolean inPlace;

    /**
     * Makes a copy that has not begun.
     *
     * @param precision what the weights are rounded to
     */
    public ReceivedWeights(Arena arena, Chunks chunks, Precision precision) {
        this.arena = arena;
        this.chunks = chunks;
        this.precision = precision;
    }

    /** Tells whether a stretch is a chunk of these weights, or all of them. */
    public boolean fits(ToWorker.Weights weights) {
        var found = weights.values().elements().count();
        return chunks.isWhole(weights.offset(), found) || chunks.isChunk(weights.offset(), found);
    }

    /** Takes a stretch that fits; owns its payload from now on. */
    public void take(ToWorker.Weights weights) {
        var stretch = weights.values().elements();
        if (weights.version() != incoming) {
            incoming = weights.version();
            arrived.clear();
        }
        inPlace = chunks.isWhole(weights.offset(), stretch.count());
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
        if (next.equals(Elements.NONE)) {
            next = Elements.allocate(arena, precision, chunks.length());
        }
        stretch.copyTo(next.slice(weights.offset(), stretch.count()));
        weights.values().release();
        arrived.set(chunks.at(weights.offset()));
        if (arrived.cardinality() == chunks.count()) {
            complete = incoming;
            var before = current;
            current = next;
            next = before;
        }
    }

    /** Returns the newest version that is whole, or {@link PublishedWeights#NO_VERSION}. */
    long version() {
        return complete;
    }

    /**
     * Returns the version whose chunks are coming or have come, or {@link
     * PublishedWeights#NO_VERSION}.
     */
    public long incoming() {
        return incoming;
    }

    /** Returns what has come of the incoming version. */
    public PublishedWeights published() {
        return incoming != PublishedWeights.NO_VERSION && complete == incoming
                ? new PublishedWeights(elements(), chunks, incoming, chunks.count())
                : new PublishedWeights(next, chunks, incoming, arrived.nextClearBit(0));
    }

    /** Returns the weights of {@link #version}. */
    Elements elements() {
        return inPlace ? held.elements() : current;
    }
}
