package dev.tutti.common.average;

import java.util.ArrayList;
import java.util.List;

/**
 * The fixed binary tree over the shards of a batch. Its shape depends on the number of shards
 * alone, so a sum along it has the same bits for any division among workers (law 2).
 *
 * <p>A node of n shards has the largest power of two below n in its left child. So every left child
 * is a full tree, and a worker that holds whole subtrees sends one contribution for each.
 *
 * @param shards leaves of the tree, at least 1
 */
public record ShardTree(int shards) {
    /** Refuses an empty tree. */
    public ShardTree {
        if (shards < 1) {
            throw new IllegalArgumentException("shards must be at least 1, was " + shards);
        }
    }

    /** Returns the node over all shards. */
    public ShardRange root() {
        return new ShardRange(0, shards);
    }

    /** Returns the left child of a node with more than one shard. */
    public ShardRange left(ShardRange node) {
        return new ShardRange(node.from(), middle(node));
    }

    /** Returns the right child of a node with more than one shard. */
    public ShardRange right(ShardRange node) {
        return new ShardRange(middle(node), node.to());
    }

    /** Returns the number of edges from a node to its deepest leaf. */
    public static int depth(ShardRange node) {
        return Integer.SIZE - Integer.numberOfLeadingZeros(node.size() - 1);
    }

    /** Tells whether {@code range} is a node of this tree. */
    public boolean isNode(ShardRange range) {
        return range.to() <= shards && cover(range).equals(List.of(range));
    }

    /** Returns the fewest nodes that together are {@code range}, in shard order. */
    public List<ShardRange> cover(ShardRange range) {
        var nodes = new ArrayList<ShardRange>();
        cover(root(), range, nodes);
        return List.copyOf(nodes);
    }

    private void cover(ShardRange node, ShardRange range, List<ShardRange> out) {
        if (node.to() <= range.from() || range.to() <= node.from()) {
            return;
        }
        if (range.contains(node)) {
            out.add(node);
            return;
        }
        cover(left(node), range, out);
        cover(right(node), range, out);
    }

    private static int middle(ShardRange node) {
        return node.from() + Integer.highestOneBit(node.size() - 1);
    }
}
