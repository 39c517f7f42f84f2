package dev.tutti.common.average;

import dev.tutti.common.vector.Elements;
import dev.tutti.common.vector.Floats;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * The sum of the pieces along the tree, whatever nodes they are of: the bits are those of the tree
 * and not of the cut (law 2).
 */
final class TreeReduction implements Reduction {
    private final ShardTree tree;
    private final Chunks chunks;
    private final Arena arena;
    private final int depth;

    /** Vectors of a chunk's length for the nodes below the root, lent to one thread at a time. */
    private final Queue<MemorySegment[]> scratches = new ConcurrentLinkedQueue<>();

    TreeReduction(Arena arena, ShardTree tree, Chunks chunks) {
        this.tree = tree;
        this.chunks = chunks;
        this.arena = arena;
        this.depth = ShardTree.depth(tree.root());
    }

    @Override
    public boolean take(int chunk, PieceTable pieces, ChunkSums out) {
        var scratch = borrow();
        try {
            return out.take(chunk, terms(pieces.root(), pieces.pieces(chunk), chunk, scratch));
        } finally {
            scratches.add(scratch);
        }
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
    private List<Elements> terms(
            ShardRange root, Map<ShardRange, Payload> pieces, int chunk, MemorySegment[] scratch) {
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
}
