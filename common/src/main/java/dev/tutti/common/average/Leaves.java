package dev.tutti.common.average;

import dev.tutti.common.vector.Blocks;
import dev.tutti.common.vector.Elements;
import dev.tutti.common.vector.FiniteCheck;
import dev.tutti.common.vector.Floats;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.function.IntUnaryOperator;

/**
 * The shards that a rule sees of a stretch of the vectors, in their order: those that have samples.
 *
 * @param sums over the samples of each
 * @param samples of each
 */
@SuppressWarnings("ArrayRecordComponent") // Handed to a rule as it is, never compared.
record Leaves(List<Elements> sums, int[] samples) {
    /** Takes the mean gradients of the shards, some coordinates at a time. */
    interface Means {
        /**
         * Takes as many coordinates as {@code count}, from {@code from} on.
         *
         * @param means of each shard; may be used as scratch
         */
        void take(int from, int count, float[][] means);
    }

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

    /** Returns the same shards over a part of the stretch. */
    Leaves slice(long offset, long count) {
        return new Leaves(sums.stream().map(sum -> sum.slice(offset, count)).toList(), samples);
    }

    /**
     * Reads the shards' means from the first coordinate on.
     *
     * @return whether all sums that they were made of are finite: a rule may drop a value that is
     *     not, and nobody would hear of it
     */
    boolean readMeans(Means out) {
        var finite = new FiniteCheck();
        var at = new int[1];
        Blocks.read(
                sums,
                (count, vectors) -> {
                    for (var shard = 0; shard < vectors.length; shard++) {
                        finite.note(count, vectors[shard]);
                        Floats.divide(samples[shard], count, vectors[shard]);
                    }
                    out.take(at[0], count, vectors);
                    at[0] += count;
                });
        return finite.allFinite();
    }
}
