package dev.tutti.common.average;

import dev.tutti.common.vector.Elements;
import dev.tutti.common.vector.Floats;
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
        /**
         * Writes the gradient sum of {@code shard} to {@code out} and returns its totals.
         *
         * @param out of either precision, if the node is this shard alone; else floats
         * @param progress is told of it as it comes
         */
        Totals compute(int shard, Elements out, Progress progress);
    }

    /** Is told how much of a sum is known, while the last of its shards is being computed. */
    @FunctionalInterface
    public interface Progress {
        /** For callers that only need the result. */
        Progress NONE = (_, _) -> {};

        /**
         * The sum is final from this float on to its end; called at last with 0.
         *
         * @param totals of the whole sum
         */
        void known(long from, Totals totals);
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

    /**
     * Writes the gradient sum over {@code node} to {@code out} and returns its totals.
     *
     * @param out floats, or of the shard's precision if the node is one shard
     * @param progress is told of it as it comes
     */
    public Totals sum(ShardRange node, Elements out, Progress progress) {
        if (node.size() == 1) {
            return leaf.compute(node.from(), out, progress);
        }
        var left = sum(tree.left(node), out, Progress.NONE);
        var scratch = borrow.get();
        var adding = new Adding(scratch, out.floats(), left, progress);
        var right = sum(tree.right(node), Elements.of(scratch), adding);
        giveBack.accept(scratch);
        return left.plus(right);
    }

    /** Adds the right half of a node to the left one, as it comes. */
    private static final class Adding implements Progress {
        private final MemorySegment right;
        private final MemorySegment out;
        private final Totals left;
        private final Progress whole;
        private long addedFrom;

        Adding(MemorySegment right, MemorySegment out, Totals left, Progress whole) {
            this.right = right;
            this.out = out;
            this.left = left;
            this.whole = whole;
            this.addedFrom = Floats.count(out);
        }

        @Override
        public void known(long from, Totals totals) {
            var count = addedFrom - from;
            Floats.add(Floats.slice(right, from, count), Floats.slice(out, from, count));
            addedFrom = from;
            whole.known(from, left.plus(totals));
        }
    }
}
