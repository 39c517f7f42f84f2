package dev.tutti.common.average;

import dev.tutti.common.vector.Blocks;
import dev.tutti.common.vector.Elements;
import dev.tutti.common.vector.Floats;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.OptionalInt;
import java.util.function.IntUnaryOperator;

/**
 * What a rule makes of the shards' whole vectors. All of them are held until the last one has come,
 * and are copied to arrays then: twice the vector for each shard.
 */
final class WholeReduction implements Reduction {
    private final Arena arena;
    private final AveragingRule rule;
    private final IntUnaryOperator samples;
    private MemorySegment average = Floats.NONE;

    WholeReduction(Arena arena, AveragingRule rule, IntUnaryOperator samples) {
        this.arena = arena;
        this.rule = rule;
        this.samples = samples;
    }

    @Override
    public boolean needsAllChunks() {
        return true;
    }

    @Override
    public OptionalInt begin(PieceTable pieces) {
        var chunks = pieces.chunks();
        var length = Math.toIntExact(chunks.length());
        var first = Leaves.of(pieces.pieces(0), samples);
        var vectors = new float[first.sums().size()][length];
        for (var chunk = 0; chunk < chunks.count(); chunk++) {
            var leaves = Leaves.of(pieces.pieces(chunk), samples);
            if (!copy(leaves, (int) chunks.offset(chunk), vectors)) {
                return OptionalInt.of(chunk);
            }
        }
        var out = new float[length];
        rule.average(length, vectors, first.samples(), out);
        if (Floats.count(average) == 0) {
            average = Floats.allocate(arena, length);
        }
        Blocks.store(out, 0, length, average);
        var overflow = Floats.firstNotFinite(average);
        return overflow < 0 ? OptionalInt.empty() : OptionalInt.of(chunks.at(overflow));
    }

    /** Copies the means of a chunk to their place; tells whether their sums are finite. */
    private static boolean copy(Leaves leaves, int offset, float[][] out) {
        return leaves.readMeans((from, count, means) -> {
            for (var shard = 0; shard < means.length; shard++) {
                System.arraycopy(means[shard], 0, out[shard], offset + from, count);
            }
        });
    }

    @Override
    public boolean take(int chunk, PieceTable pieces, ChunkSums out) {
        var chunks = pieces.chunks();
        var part = Floats.slice(average, chunks.offset(chunk), chunks.size(chunk));
        return out.take(chunk, List.of(Elements.of(part)));
    }
}
