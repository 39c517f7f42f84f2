package dev.tutti.common.average;

import dev.tutti.common.kernel.Floats;
import java.lang.foreign.MemorySegment;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * A worker's sum over one node of the tree: computes the shards in order and adds them up along the
 * tree, so that one contribution stands for the whole subtree.
 *
 * <p>Besides {@code out} it uses one vector for each level of the node.
 */
public final class SubtreeSum {
    /** Computes one shard. */
    public interface Leaf {
        /** Writes the gradient sum of {@code shard} to {@code out} and returns its totals. */
        Totals compute(int shard, MemorySegment out);
    }

    private final ShardTree tree;
    private final Leaf leaf;
    private final Supplier<MemorySegment> borrow;
    private final Consumer<MemorySegment> giveBack;

    /**
     * Makes the sum.
     *
     * @param borrow lends a vector as long as the gradient
     * @param giveBack takes it back
     */
    public SubtreeSum(
            ShardTree tree,
            Leaf leaf,
            Supplier<MemorySegment> borrow,
            Consumer<MemorySegment> giveBack) {
        this.tree = tree;
        this.leaf = leaf;
        this.borrow = borrow;
        this.giveBack = giveBack;
    }

    /** Writes the gradient sum over {@code node} to {@code out} and returns its totals. */
    public Totals sum(ShardRange node, MemorySegment out) {
        if (node.size() == 1) {
            return leaf.compute(node.from(), out);
        }
        var left = sum(tree.left(node), out);
        var scratch = borrow.get();
        var right = sum(tree.right(node), scratch);
        Floats.add(scratch, out);
        giveBack.accept(scratch);
        return left.plus(right);
    }
}
