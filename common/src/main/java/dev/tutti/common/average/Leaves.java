package dev.tutti.common.average;

import dev.tutti.common.vector.Elements;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.function.IntUnaryOperator;

/**
 * The shards that a rule sees of a chunk, in their order: those that have samples.
 *
 * @param sums over the samples of each
 * @param samples of each
 */
@SuppressWarnings("ArrayRecordComponent") // Handed to a rule as it is, never compared.
record Leaves(List<Elements> sums, int[] samples) {
    /** Returns the leaves of pieces that are of one shard each. */
    static Leaves of(SortedMap<ShardRange, Payload> pieces, IntUnaryOperator samples) {
        var sums = new ArrayList<Elements>();
        var counts = new ArrayList<Integer>();
        pieces.forEach((shards, piece) -> {
            if (shards.size() != 1) {
                throw new IllegalStateException("a sum over " + shards + " where each was to come");
            }
            var count = samples.applyAsInt(shards.from());
            if (count > 0) {
                sums.add(piece.elements());
                counts.add(count);
            }
        });
        return new Leaves(sums, counts.stream().mapToInt(Integer::intValue).toArray());
    }
}
