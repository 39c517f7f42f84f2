package dev.tutti.common.average;

import dev.tutti.common.vector.Elements;
import dev.tutti.common.vector.Floats;
import dev.tutti.common.vector.Parallel;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.IntStream;

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
    private final Arena arena;
    private final int depth;

    /** Vectors of a chunk's length for the nodes below the root, lent to one thread at a time. */
    private final Queue<MemorySegment[]> scratches = new ConcurrentLinkedQueue<>();

    private ShardRange root;
    private int reducedCount;
    private int notFiniteChunk;

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
        this.arena = arena;
        this.depth = ShardTree.depth(tree.root());
    }

    /** Forgets what was summed and releases what is held, to sum over {@code node} anew. */
    public void begin(ShardRange node) {
        root = node;
        pending.forEach(StepSum::release);
        Arrays.fill(reduced, false);
        reducedCount = 0;
    }

    /** Takes one chunk of a node's gradient sum, and adds the chunk up if it is complete. */
    public Outcome offer(ShardRange node, int chunk, Payload piece) {
        return put(node, chunk, piece) ? settle(chunk) : Outcome.LATE;
    }

    /**
     * Takes one chunk of a node's gradient sum, to be added up later; owns the payload from now on.
     *
     * @return false if it is {@link Outcome#LATE}
     */
    public boolean put(ShardRange node, int chunk, Payload piece) {
        var pieces = pending.get(chunk);
        if (reduced[chunk] || pieces.containsKey(node)) {
            piece.release();
            return false;
        }
        pieces.put(node, piece);
        return true;
    }

    /**
     * Adds all chunks that are complete, on several cores if there is much to add.
     *
     * @return {@link Outcome#NOT_FINITE} if any chunk is not, else whether any was added up
     */
    public Outcome settle() {
        return reduce(IntStream.range(0, chunks.count()).filter(this::isReady).toArray());
    }

    private Outcome settle(int chunk) {
        return isReady(chunk) ? reduce(new int[] {chunk}) : Outcome.WAITING;
    }

    private boolean isReady(int chunk) {
        return !reduced[chunk] && isCovered(root, pending.get(chunk));
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
     * @param chunk of the flat vector
     * @param shards the node whose piece holds the value; the whole sum's if only that overflows
     * @param index into the flat vector
     * @param value NaN or an infinity
     */
    public record NotFinite(int chunk, ShardRange shards, long index, float value) {}

    /**
     * Returns the first value that is not finite of the last chunk that was not, of its pieces or
     * else of their sum.
     */
    public NotFinite firstNotFinite() {
        var chunk = notFiniteChunk;
        var scratch = borrow();
        for (var piece : pending.get(chunk).entrySet()) {
            var values = piece.getValue().elements().floats(scratch[0]);
            var index = Floats.firstNotFinite(values);
            if (index >= 0) {
                scratches.add(scratch);
                return notFinite(chunk, piece.getKey(), index, values);
            }
        }
        var out = Floats.slice(scratch[0], 0, chunks.size(chunk));
        ChunkSums.sum(terms(chunk, scratch), out);
        var found = notFinite(chunk, root, Floats.firstNotFinite(out), out);
        scratches.add(scratch);
        return found;
    }

    private NotFinite notFinite(int chunk, ShardRange shards, long index, MemorySegment values) {
        return new NotFinite(
                chunk, shards, chunks.offset(chunk) + index, Floats.get(values, index));
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

    private Outcome reduce(int[] ready) {
        var finite = new boolean[ready.length];
        var floats = (long) ready.length * chunks.chunkFloats();
        Parallel.forEach(ready.length, floats, i -> finite[i] = take(ready[i]));
        var outcome = Outcome.WAITING;
        for (var i = 0; i < ready.length; i++) {
            if (finite[i]) {
                taken(ready[i]);
            } else {
                notFiniteChunk = ready[i];
            }
            outcome =
                    !finite[i] || outcome == Outcome.NOT_FINITE
                            ? Outcome.NOT_FINITE
                            : Outcome.REDUCED;
        }
        return outcome;
    }

    private boolean take(int chunk) {
        var scratch = borrow();
        try {
            return sums.take(chunk, terms(chunk, scratch));
        } finally {
            scratches.add(scratch);
        }
    }

    private void taken(int chunk) {
        release(pending.get(chunk));
        reduced[chunk] = true;
        reducedCount++;
        sums.taken(chunk);
    }

    /** Lends the vectors that one thread needs: a left and a right one for each level. */
    private MemorySegment[] borrow() {
        var idle = scratches.poll();
        if (idle != null) {
            return idle;
        }
        var made = new MemorySegment[2 * (depth + 1)];
        for (var i = 0; i < made.length; i++) {
            made[i] = Floats.allocate(arena, Math.min(chunks.chunkFloats(), chunks.length()));
        }
        return made;
    }

    /** Returns the last terms to add, so that the reader of the sum can add them on the way. */
    private List<Elements> terms(int chunk, MemorySegment[] scratch) {
        var pieces = pending.get(chunk);
        var whole = pieces.get(root);
        return whole != null
                ? List.of(whole.elements())
                : List.of(
                        sum(tree.left(root), pieces, 2, chunk, scratch),
                        sum(tree.right(root), pieces, 3, chunk, scratch));
    }

    /** Sums a node; {@code slot} is 2·depth for a left child and 2·depth + 1 for a right one. */
    private Elements sum(
            ShardRange node,
            Map<ShardRange, Payload> pieces,
            int slot,
            int chunk,
            MemorySegment[] scratch) {
        var piece = pieces.get(node);
        if (piece != null) {
            return piece.elements();
        }
        var children = slot / 2 * 2 + 2;
        var left = sum(tree.left(node), pieces, children, chunk, scratch);
        var right = sum(tree.right(node), pieces, children + 1, chunk, scratch);
        var out = Floats.slice(scratch[slot], 0, chunks.size(chunk));
        Floats.add(left, right, out);
        return Elements.of(out);
    }

    private static void release(Map<ShardRange, Payload> pieces) {
        pieces.values().forEach(Payload::release);
        pieces.clear();
    }
}
