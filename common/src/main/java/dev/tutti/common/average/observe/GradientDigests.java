package dev.tutti.common.average.observe;

import dev.tutti.common.average.pipeline.GradientLayout.Part;
import dev.tutti.common.vector.Elements;
import java.util.ArrayList;
import java.util.List;

/**
 * Digests of what each shard has brought to a step, before attacks, mixing and rule: a tree of
 * hashes with a leaf for each shard and layer. Steps whose roots are equal have had the same
 * gradients, whoever computed them.
 *
 * @param leaves of each shard with samples, in their order: a hash for each layer, and one for the
 *     statistics behind them if there are any
 */
public record GradientDigests(List<List<Long>> leaves) {
    /** Returns the hash over all leaves. */
    public long root() {
        var root = 0L;
        for (var shard : leaves) {
            var node = 0L;
            for (var leaf : shard) {
                node = GradientHash.with(node, leaf);
            }
            root = GradientHash.with(root, node);
        }
        return root;
    }

    /**
     * Returns the hashes of a stretch of one shard's sum, in the order of the layers that it
     * touches.
     *
     * @param offset index of its first number in the flat vector
     */
    public static long[] ofStretch(Elements numbers, long offset, List<Part> parts) {
        var hashes = new long[parts.size()];
        for (var i = 0; i < hashes.length; i++) {
            var from = Math.max(offset, parts.get(i).from());
            var to = Math.min(offset + numbers.count(), parts.get(i).to());
            if (from < to) {
                hashes[i] = GradientHash.of(numbers.slice(from - offset, to - from));
            }
        }
        return hashes;
    }

    /**
     * Puts the hashes of all stretches together.
     *
     * @param stretches in the order of the flat vector; of each, the hashes of each shard
     * @param layers how many there are
     */
    public static GradientDigests of(List<long[][]> stretches, int layers) {
        var leaves = new ArrayList<List<Long>>();
        for (var shard = 0; shard < stretches.getFirst().length; shard++) {
            var hashes = new ArrayList<Long>();
            for (var layer = 0; layer < layers; layer++) {
                var hash = 0L;
                for (var stretch : stretches) {
                    var part = stretch[shard][layer];
                    hash = part == 0 ? hash : GradientHash.with(hash, part);
                }
                hashes.add(hash);
            }
            leaves.add(List.copyOf(hashes));
        }
        return new GradientDigests(List.copyOf(leaves));
    }
}
