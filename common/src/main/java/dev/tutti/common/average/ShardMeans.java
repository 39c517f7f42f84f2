package dev.tutti.common.average;

import dev.tutti.common.vector.Blocks;
import dev.tutti.common.vector.FiniteCheck;
import java.util.List;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;

/** The shards' mean gradients, of which all chunks are there, to be read from any place on. */
final class ShardMeans {
    private final Chunks chunks;

    /** What has come of each chunk. */
    private final List<Leaves> leaves;

    private ShardMeans(Chunks chunks, List<Leaves> leaves) {
        this.chunks = chunks;
        this.leaves = leaves;
    }

    static ShardMeans of(PieceTable pieces, IntUnaryOperator samples) {
        var chunks = pieces.chunks();
        return new ShardMeans(
                chunks,
                IntStream.range(0, chunks.count())
                        .mapToObj(chunk -> Leaves.of(pieces.pieces(chunk), samples))
                        .toList());
    }

    /** Returns how many shards have samples. */
    int count() {
        return samples().length;
    }

    /** Returns the samples of each of them. */
    int[] samples() {
        return leaves.getFirst().samples();
    }

    /** Returns the floats of a vector. */
    long length() {
        return chunks.length();
    }

    /**
     * Reads as many coordinates as {@code count}, from {@code from} on.
     *
     * @param count at most {@link Blocks#FLOATS_MAX}
     * @param finite notes what was read
     * @param out gets those of each shard
     */
    void read(long from, int count, FiniteCheck finite, float[][] out) {
        for (var at = 0; at < count; ) {
            var chunk = chunks.at(from + at);
            var offset = from + at - chunks.offset(chunk);
            var part = (int) Math.min(count - at, chunks.size(chunk) - offset);
            var place = at;
            leaves.get(chunk)
                    .slice(offset, part)
                    .readMeans((_, _, means) -> copy(means, part, place, finite, out));
            at += part;
        }
    }

    private static void copy(
            float[][] means, int count, int at, FiniteCheck finite, float[][] out) {
        for (var shard = 0; shard < means.length; shard++) {
            finite.note(count, means[shard]);
            System.arraycopy(means[shard], 0, out[shard], at, count);
        }
    }

    /** Returns the first chunk that is not finite; there must be one. */
    int firstChunkNotFinite() {
        return IntStream.range(0, chunks.count())
                .filter(chunk -> !leaves.get(chunk).readMeans((_, _, _) -> {}))
                .findFirst()
                .orElseThrow();
    }
}
