package dev.tutti.common.average;

import java.util.OptionalInt;
import java.util.function.IntUnaryOperator;
import java.util.function.LongSupplier;

/**
 * A reduction that is looked at: in the steps that a {@link StepLens} asks for, it sees the shards'
 * own vectors before they are reduced. What they are reduced to stays the same.
 */
final class ObservedReduction implements Reduction {
    private final Reduction inner;
    private final TreeReduction sum;
    private final StepLens lens;
    private final IntUnaryOperator samples;
    private final LongSupplier step;

    /**
     * Looks at a reduction.
     *
     * @param sum adds pieces up along the tree
     * @param samples of a shard that has come
     * @param step that is being averaged
     */
    ObservedReduction(
            Reduction inner,
            TreeReduction sum,
            StepLens lens,
            IntUnaryOperator samples,
            LongSupplier step) {
        this.inner = inner;
        this.sum = sum;
        this.lens = lens;
        this.samples = samples;
        this.step = step;
    }

    @Override
    public boolean needsAllChunks() {
        return inner.needsAllChunks() || lens.needsWholeVectors(step.getAsLong());
    }

    /** A vector that is not finite is not looked at: its shard is computed again first. */
    @Override
    public OptionalInt begin(PieceTable pieces, int[] ready) {
        var now = step.getAsLong();
        if (ready.length > 0 && lens.needsWholeVectors(now)) {
            var vectors = ShardMeans.of(pieces, samples);
            var isFinite =
                    lens.look(
                            now,
                            vectors,
                            out -> {
                                for (var chunk : ready) {
                                    sum.take(chunk, pieces, out);
                                }
                            });
            if (!isFinite) {
                return OptionalInt.of(vectors.firstChunkNotFinite());
            }
        }
        return inner.begin(pieces, ready);
    }

    @Override
    public boolean take(int chunk, PieceTable pieces, ChunkSums out) {
        var now = step.getAsLong();
        if (lens.isOpen(now)) {
            lens.note(now, chunk, pieces, samples);
        }
        return inner.take(chunk, pieces, out);
    }
}
