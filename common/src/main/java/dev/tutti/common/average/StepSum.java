package dev.tutti.common.average;

import dev.tutti.common.kernel.Floats;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The sum of one step over a node of the tree, chunk by chunk: keeps the pieces of a chunk until
 * they are the whole node, then adds them up along the tree. The coordinator's node is the root.
 * The order of arrival never matters (law 2), and memory is bounded by the chunks in flight, not by
 * the number of workers (law 7).
 *
 * <p>Pieces of different cuts may meet: when a worker dies, part of its subtree's chunks are
 * already in, and the rest comes from others as smaller subtrees. The bits are the same either way.
 */
public final class StepSum {
    /** What an offered piece led to. */
    public enum Outcome {
        /** The chunk waits for more pieces. */
        WAITING,
        /** The chunk's sum is taken; its pieces have been released. */
        REDUCED,
        /** The chunk was complete, or had the node's piece; this one has been released. */
        LATE,
        /** The chunk's sum is NaN or infinite; see {@link #firstNotFinite}. */
        NOT_FINITE
    }

    private final ShardTree tree;
    private final Chunks chunks;
    private final ChunkSums sums;
    private final List<Map<ShardRange, Payload>> pending = new ArrayList<>();
    private final boolean[] reduced;
    private final MemorySegment[] scratch;
    private ShardRange root;
    private int reducedCount;

    /**
     * Makes an empty sum over the whole tree.
     *
     * @param sums where the sums go
     */
    public StepSum(Arena arena, ShardTree tree, Chunks chunks, ChunkSums sums) {
        this.tree = tree;
        this.chunks = chunks;
        this.sums = sums;
        this.root = tree.root();
        this.reduced = new boolean[chunks.count()];
        for (var i = 0; i < chunks.count(); i++) {
            pending.add(new TreeMap<>());
        }
        var longest = Math.min(chunks.chunkFloats(), chunks.length());
        this.scratch = new MemorySegment[2 * (ShardTree.depth(tree.root()) + 1)];
        for (var i = 0; i < scratch.length; i++) {
            scratch[i] = Floats.allocate(arena, longest);
        }
    }

    /** Forgets what was summed and releases what is held, to sum over {@code node} anew. */
    public void begin(ShardRange node) {
        root = node;
        pending.forEach(StepSum::release);
        Arrays.fill(reduced, false);
        reducedCount = 0;
    }

    /** Takes one chunk of a node's gradient sum; owns the payload from now on. */
    public Outcome offer(ShardRange node, int chunk, Payload piece) {
        var pieces = pending.get(chunk);
        if (reduced[chunk] || pieces.containsKey(node)) {
            piece.release();
            return Outcome.LATE;
        }
        pieces.put(node, piece);
        return settle(chunk);
    }

    /** Adds a chunk up if its pieces are the whole node, as they may be after a withdrawal. */
    public Outcome settle(int chunk) {
        var pieces = pending.get(chunk);
        return !reduced[chunk] && isCovered(root, pieces) ? reduce(chunk, pieces) : Outcome.WAITING;
    }

    /** Tells whether every chunk has been reduced. */
    public boolean isComplete() {
        return reducedCount == chunks.count();
    }

    /** Tells whether the chunk has been reduced. */
    public boolean isReduced(int chunk) {
        return reduced[chunk];
    }

    /** Returns how many chunks have been reduced. */
    public int reducedChunks() {
        return reducedCount;
    }

    /**
     * Where a sum stopped being finite.
     *
     * @param shards the node whose piece holds the value; the whole sum's if only that overflows
     * @param index into the flat vector
     * @param value NaN or an infinity
     */
    public record NotFinite(ShardRange shards, long index, float value) {}

    /**
     * Returns the first value of a chunk that is not finite, of its pieces or else of their sum.
     */
    public NotFinite firstNotFinite(int chunk) {
        for (var piece : pending.get(chunk).entrySet()) {
            var index = Floats.firstNotFinite(piece.getValue().floats());
            if (index >= 0) {
                var value = Floats.get(piece.getValue().floats(), index);
                return new NotFinite(piece.getKey(), chunks.offset(chunk) + index, value);
            }
        }
        var out = Floats.slice(scratch[0], 0, chunks.size(chunk));
        ChunkSums.sum(terms(chunk), out);
        var index = Floats.firstNotFinite(out);
        return new NotFinite(root, chunks.offset(chunk) + index, Floats.get(out, index));
    }

    /** Drops what has come of a node and is not reduced yet; see {@link #settle}. */
    public void withdraw(ShardRange node) {
        for (var pieces : pending) {
            var piece = pieces.remove(node);
            if (piece != null) {
                piece.release();
            }
        }
    }

    private boolean isCovered(ShardRange node, Map<ShardRange, ?> pieces) {
        return pieces.containsKey(node)
                || (node.size() > 1
                        && isCovered(tree.left(node), pieces)
                        && isCovered(tree.right(node), pieces));
    }

    private Outcome reduce(int chunk, Map<ShardRange, Payload> pieces) {
        if (!sums.take(chunk, terms(chunk))) {
            return Outcome.NOT_FINITE;
        }
        release(pieces);
        reduced[chunk] = true;
        reducedCount++;
        return Outcome.REDUCED;
    }

    /** Returns what is to be added up last, so that whoever takes the sum can do it on the way. */
    private List<MemorySegment> terms(int chunk) {
        var pieces = pending.get(chunk);
        var whole = pieces.get(root);
        return whole != null
                ? List.of(whole.floats())
                : List.of(
                        sum(tree.left(root), pieces, 2, chunk),
                        sum(tree.right(root), pieces, 3, chunk));
    }

    /** Sums a node; {@code slot} is 2·depth for a left child and 2·depth + 1 for a right one. */
    private MemorySegment sum(
            ShardRange node, Map<ShardRange, Payload> pieces, int slot, int chunk) {
        var piece = pieces.get(node);
        if (piece != null) {
            return piece.floats();
        }
        var children = slot / 2 * 2 + 2;
        var left = sum(tree.left(node), pieces, children, chunk);
        var right = sum(tree.right(node), pieces, children + 1, chunk);
        var out = Floats.slice(scratch[slot], 0, chunks.size(chunk));
        Floats.add(left, right, out);
        return out;
    }

    private static void release(Map<ShardRange, Payload> pieces) {
        pieces.values().forEach(Payload::release);
        pieces.clear();
    }
}
