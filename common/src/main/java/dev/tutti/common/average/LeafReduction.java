package dev.tutti.common.average;

import dev.tutti.common.vector.Blocks;
import dev.tutti.common.vector.Elements;
import dev.tutti.common.vector.Floats;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.IntUnaryOperator;

/** What a rule by coordinate makes of the shards' own vectors, some coordinates at a time. */
final class LeafReduction implements Reduction {
    private final AveragingRule rule;
    private final Chunks chunks;
    private final IntUnaryOperator samples;
    private final Arena arena;

    /** Vectors of a chunk's length, lent to one thread at a time. */
    private final Queue<MemorySegment> averages = new ConcurrentLinkedQueue<>();

    LeafReduction(Arena arena, AveragingRule rule, Chunks chunks, IntUnaryOperator samples) {
        this.arena = arena;
        this.rule = rule;
        this.chunks = chunks;
        this.samples = samples;
    }

    @Override
    public boolean take(int chunk, PieceTable pieces, ChunkSums out) {
        var leaves = Leaves.of(pieces.pieces(chunk), samples);
        var idle = averages.poll();
        var vector =
                idle != null
                        ? idle
                        : Floats.allocate(arena, Math.min(chunks.chunkFloats(), chunks.length()));
        try {
            var average = Floats.slice(vector, 0, chunks.size(chunk));
            return average(leaves, average) && out.take(chunk, List.of(Elements.of(average)));
        } finally {
            averages.add(vector);
        }
    }

    /** Writes the average, and tells whether all that it was made of is finite. */
    private boolean average(Leaves leaves, MemorySegment out) {
        var block = new float[Blocks.FLOATS_MAX];
        return leaves.readMeans((from, count, means) -> {
            rule.average(count, means, leaves.samples(), block);
            Blocks.store(block, from, count, out);
        });
    }
}
