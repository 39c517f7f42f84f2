package dev.tutti.common.average;

import dev.tutti.common.average.pipeline.Averaging;
import dev.tutti.common.average.pipeline.GradientLayout.Part;
import dev.tutti.common.average.pipeline.StepAverage;
import dev.tutti.common.vector.Blocks;
import dev.tutti.common.vector.Elements;
import dev.tutti.common.vector.Floats;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.IntUnaryOperator;
import java.util.function.LongSupplier;

/**
 * What an average that is not linear makes of the shards' own vectors. If it needs lengths and
 * distances, a first pass over all vectors takes them ({@link ShardGrams}); the average itself is
 * always taken chunk by chunk, and nothing is copied.
 */
final class ShardReduction implements Reduction {
    private final Arena arena;
    private final Averaging averaging;
    private final List<Part> parts;
    private final Chunks chunks;
    private final IntUnaryOperator samples;
    private final LongSupplier step;

    /** Vectors of a chunk's length, lent to one thread at a time. */
    private final Queue<MemorySegment> averages = new ConcurrentLinkedQueue<>();

    private Optional<StepAverage> average = Optional.empty();

    ShardReduction(
            Arena arena,
            Averaging averaging,
            Chunks chunks,
            IntUnaryOperator samples,
            LongSupplier step) {
        this.arena = arena;
        this.averaging = averaging;
        this.parts = averaging.parts();
        this.chunks = chunks;
        this.samples = samples;
        this.step = step;
    }

    @Override
    public boolean needsAllChunks() {
        return averaging.needsWholeVectors();
    }

    @Override
    public OptionalInt begin(PieceTable pieces, int[] ready) {
        if (ready.length == 0) {
            return OptionalInt.empty();
        }
        var now = step.getAsLong();
        var counts = Leaves.of(pieces.pieces(ready[0]), samples).samples();
        if (needsAllChunks()) {
            var vectors = ShardMeans.of(pieces, samples);
            var grams = ShardGrams.of(vectors, parts, averaging, now);
            if (grams.isEmpty()) {
                return OptionalInt.of(vectors.firstChunkNotFinite());
            }
            average = Optional.of(StepAverage.of(averaging, now, counts, grams.get()));
        } else if (average.isEmpty() || !average.get().isOf(now, counts)) {
            average = Optional.of(StepAverage.of(averaging, now, counts));
        }
        return OptionalInt.empty();
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
            var whole = Floats.slice(vector, 0, chunks.size(chunk));
            return average(leaves, chunks.offset(chunk), whole)
                    && out.take(chunk, List.of(Elements.of(whole)));
        } finally {
            averages.add(vector);
        }
    }

    /** Writes the average, and tells whether all that it was made of is finite. */
    private boolean average(Leaves leaves, long offset, MemorySegment out) {
        var pass = average.orElseThrow().pass();
        var block = new float[Blocks.FLOATS_MAX];
        var finite = true;
        for (var index = 0; index < parts.size(); index++) {
            var part = index;
            var from = Math.max(offset, parts.get(part).from());
            var to = Math.min(offset + Floats.count(out), parts.get(part).to());
            if (from < to) {
                finite &=
                        leaves.slice(from - offset, to - from)
                                .readMeans((at, count, means) -> {
                                    pass.average(part, from + at, count, means, block);
                                    Blocks.store(block, from - offset + at, count, out);
                                });
            }
        }
        return finite;
    }
}
