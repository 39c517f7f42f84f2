package dev.tutti.common.average;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * What has come of the gradients over a node of the tree: for each chunk the pieces of nodes below
 * it, until they cover it. Owns the pieces until their chunk is closed.
 *
 * <p>Pieces of different cuts may meet: when a worker dies, part of its subtree's chunks are
 * already in, and the rest comes from others as smaller subtrees.
 */
final class PieceTable {
    private final ShardTree tree;
    private final Chunks chunks;
    private final List<SortedMap<ShardRange, Payload>> pending = new ArrayList<>();
    private final boolean[] closed;
    private ShardRange root;
    private int closedCount;

    /** Makes an empty table over the whole tree. */
    PieceTable(ShardTree tree, Chunks chunks) {
        this.tree = tree;
        this.chunks = chunks;
        this.root = tree.root();
        this.closed = new boolean[chunks.count()];
        for (var i = 0; i < chunks.count(); i++) {
            pending.add(new TreeMap<>());
        }
    }

    /** Releases what is held, and opens all chunks for pieces of {@code node}. */
    void begin(ShardRange node) {
        root = node;
        for (var chunk = 0; chunk < chunks.count(); chunk++) {
            release(chunk);
            closed[chunk] = false;
        }
        closedCount = 0;
    }

    /** Returns the node that the pieces are to cover. */
    ShardRange root() {
        return root;
    }

    Chunks chunks() {
        return chunks;
    }

    /**
     * Takes a piece, which is owned from now on.
     *
     * @return false if it is late: the chunk is closed, or has the node's piece; then it is
     *     released
     */
    boolean put(ShardRange node, int chunk, Payload piece) {
        var pieces = pending.get(chunk);
        if (closed[chunk] || pieces.containsKey(node)) {
            piece.release();
            return false;
        }
        pieces.put(node, piece);
        return true;
    }

    /** Drops the pieces of a node whose chunks are not closed. */
    void withdraw(ShardRange node) {
        for (var pieces : pending) {
            var piece = pieces.remove(node);
            if (piece != null) {
                piece.release();
            }
        }
    }

    /** Returns the pieces of a chunk in shard order. */
    SortedMap<ShardRange, Payload> pieces(int chunk) {
        return Collections.unmodifiableSortedMap(pending.get(chunk));
    }

    /** Tells whether the pieces of a chunk that is not closed cover the node. */
    boolean isCovered(int chunk) {
        return !closed[chunk] && isCovered(root, pending.get(chunk));
    }

    /** Returns the chunks that are covered and not closed. */
    int[] covered() {
        return IntStream.range(0, chunks.count()).filter(this::isCovered).toArray();
    }

    /** Releases the pieces of a chunk; no more are taken. */
    void close(int chunk) {
        release(chunk);
        closed[chunk] = true;
        closedCount++;
    }

    boolean isClosed(int chunk) {
        return closed[chunk];
    }

    int closedCount() {
        return closedCount;
    }

    private boolean isCovered(ShardRange node, SortedMap<ShardRange, ?> pieces) {
        return pieces.containsKey(node)
                || (node.size() > 1
                        && isCovered(tree.left(node), pieces)
                        && isCovered(tree.right(node), pieces));
    }

    private void release(int chunk) {
        var pieces = pending.get(chunk);
        pieces.values().forEach(Payload::release);
        pieces.clear();
    }
}
