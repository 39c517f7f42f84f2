package dev.tutti.common.step.worker;

import dev.tutti.common.average.Chunks;
import dev.tutti.common.average.Payload;
import dev.tutti.common.compress.CompressorState;
import dev.tutti.common.nn.Model;
import dev.tutti.common.step.compute.VectorCode;
import dev.tutti.common.step.course.PublishedWeights;
import dev.tutti.common.step.message.Incoming;
import dev.tutti.common.step.message.ToWorker;
import dev.tutti.common.step.run.RunSpec;
import dev.tutti.common.vector.Elements;
import dev.tutti.common.vector.Floats;
import dev.tutti.common.vector.Precision;
import java.lang.foreign.Arena;
import java.util.ArrayDeque;
import java.util.BitSet;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;

/**
 * A worker process's copies of the weights, put together from chunks; or the very memory that was
 * handed over, when one message brought all of it.
 *
 * <p>The last version that came whole is kept, and with it those that are still needed, while
 * chunks of another come. A copy that is not needed may be overwritten while a worker still reads
 * it. That is harmless: the lease of that worker is over, and its result will be dropped. Weights
 * that are handed over need no memory here.
 */
public final class ReceivedWeights {
    private record Whole(Elements elements, Payload held, boolean inPlace) {}

    private final Arena arena;
    private final Chunks chunks;
    private final Precision precision;
    private final BitSet arrived = new BitSet();
    private final TreeMap<Long, Whole> whole = new TreeMap<>();
    private final Deque<Elements> free = new ArrayDeque<>();
    private Elements next = Elements.NONE;
    private long incoming = PublishedWeights.NO_VERSION;
    private final Optional<VectorCode> code;
    private Incoming codeParts = new Incoming();
    private long codeVersion = PublishedWeights.NO_VERSION;
    private Optional<byte[]> change = Optional.empty();

    /**
     * Makes a copy that has not begun.
     *
     * @param spec of the run: what the weights are rounded to, or which code their changes have
     */
    public ReceivedWeights(Arena arena, Chunks chunks, RunSpec spec, Model model) {
        this.arena = arena;
        this.chunks = chunks;
        this.precision = spec.wire().precision();
        this.code = VectorCode.ofChanges(spec, model);
    }

    /** Tells whether a stretch is a chunk of these weights, or all of them. */
    public boolean fits(ToWorker.Weights weights) {
        var found = weights.values().elements().count();
        return chunks.isWhole(weights.offset(), found) || chunks.isChunk(weights.offset(), found);
    }

    /** Takes a stretch that fits; owns its payload from now on. */
    public void take(ToWorker.Weights weights) {
        take(weights, _ -> false);
    }

    /**
     * Takes a stretch that fits; owns its payload from now on.
     *
     * @param needed tells of a version whether it is to be kept once another is whole
     */
    void take(ToWorker.Weights weights, LongPredicate needed) {
        var stretch = weights.values().elements();
        if (weights.version() != incoming) {
            incoming = weights.version();
            arrived.clear();
        }
        change = Optional.empty();
        if (chunks.isWhole(weights.offset(), stretch.count())) {
            become(new Whole(stretch, weights.values(), true), needed);
            return;
        }
        if (whole.containsKey(incoming)) {
            // It comes a second time, and is there.
            weights.values().release();
            letGoOfOthers(needed);
            return;
        }
        begin();
        stretch.copyTo(next.slice(weights.offset(), stretch.count()));
        weights.values().release();
        arrived.set(chunks.at(weights.offset()));
        if (arrived.cardinality() == chunks.count()) {
            becomeNext(needed);
        }
    }

    /**
     * Takes a part of a code; with the last one the version that it leads to is whole.
     *
     * @return why no correct peer sends it, in words that follow who sent it; empty if it was taken
     */
    public Optional<String> take(ToWorker.Change part) {
        if (code.isEmpty()) {
            return Optional.of("sent a change of the weights in a run whose weights travel whole");
        }
        var version = part.version();
        var before = whole.get(version - 1);
        if (before == null) {
            return Optional.of(
                    "sent a change to weights %d, which follow none here".formatted(version));
        }
        if (codeVersion != version) {
            codeParts = new Incoming();
            codeVersion = version;
        }
        var refusal = codeParts.take(part.bytes(), code.get().bytesMax());
        if (refusal.isPresent()) {
            return refusal;
        }
        var bytes = codeParts.whole();
        if (bytes.isEmpty()) {
            return Optional.empty();
        }
        codeVersion = PublishedWeights.NO_VERSION;
        arrived.clear();
        begin();
        try {
            var after = next.floats();
            code.get().decode(version - 1, 0, bytes.get(), CompressorState.NONE, after);
            Floats.add(before.elements().floats(), after);
        } catch (IllegalArgumentException e) {
            return Optional.of("sent " + e.getMessage());
        }
        incoming = version;
        becomeNext(_ -> false);
        change = bytes;
        return Optional.empty();
    }

    /** Finds a place for a version that comes. */
    private void begin() {
        if (next.equals(Elements.NONE)) {
            next =
                    free.isEmpty()
                            ? Elements.allocate(arena, precision, chunks.length())
                            : free.pop();
        }
    }

    private void becomeNext(LongPredicate needed) {
        var copy = next;
        next = Elements.NONE;
        become(new Whole(copy, Payload.of(copy), false), needed);
    }

    /** Makes a version the last that came whole, and lets go of those that are not needed. */
    private void become(Whole version, LongPredicate needed) {
        letGo(whole.put(incoming, version));
        letGoOfOthers(needed);
    }

    private void letGoOfOthers(LongPredicate needed) {
        List.copyOf(whole.keySet()).stream()
                .filter(other -> other != incoming && !needed.test(other))
                .forEach(other -> letGo(whole.remove(other)));
    }

    private void letGo(@Nullable Whole version) {
        if (version == null) {
            return;
        }
        version.held().release();
        if (!version.inPlace()) {
            free.push(version.elements());
        }
    }

    /**
     * Returns the version whose chunks are coming or have come, or {@link
     * PublishedWeights#NO_VERSION}.
     */
    public long incoming() {
        return incoming;
    }

    /** Returns what is here of a version: all of it, what has come of it so far, or nothing. */
    public PublishedWeights published(long version) {
        return elements(version)
                .map(all ->
                        new PublishedWeights(
                                all,
                                chunks,
                                version,
                                chunks.count(),
                                version == incoming ? change : Optional.empty()))
                .orElseGet(() ->
                        version == incoming
                                ? new PublishedWeights(
                                        next, chunks, incoming, arrived.nextClearBit(0))
                                : PublishedWeights.NONE);
    }

    /** Returns the weights of a version, if they are whole. */
    Optional<Elements> elements(long version) {
        return Optional.ofNullable(whole.get(version)).map(Whole::elements);
    }
}
