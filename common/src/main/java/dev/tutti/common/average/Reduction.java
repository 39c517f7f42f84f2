package dev.tutti.common.average;

import dev.tutti.common.average.pipeline.Averaging;
import java.lang.foreign.Arena;
import java.util.OptionalInt;
import java.util.function.IntUnaryOperator;
import java.util.function.LongSupplier;

/** Makes one vector of the pieces that cover a chunk. */
interface Reduction {
    /** Tells whether no chunk is reduced before all are covered. */
    default boolean needsAllChunks() {
        return false;
    }

    /**
     * Is told, by the owner alone, before covered chunks are taken.
     *
     * @param ready the chunks, all there are if they are {@link #needsAllChunks needed}
     * @return a chunk that is not finite, if that keeps all chunks from being taken
     */
    default OptionalInt begin(PieceTable pieces, int[] ready) {
        return OptionalInt.empty();
    }

    /**
     * Hands on what a covered chunk is reduced to. Several threads may take different chunks at the
     * same time.
     *
     * @return whether it is finite; if not, nothing counts as taken
     */
    boolean take(int chunk, PieceTable pieces, ChunkSums out);

    /**
     * Returns the reduction of a run's average.
     *
     * @param samples of a shard that has come
     * @param step that is being averaged
     * @param lens looks at what is averaged
     */
    static Reduction of(
            Averaging averaging,
            Arena arena,
            ShardTree tree,
            Chunks chunks,
            IntUnaryOperator samples,
            LongSupplier step,
            StepLens lens) {
        var sum = new TreeReduction(arena, tree, chunks);
        var reduction =
                averaging.isLinear()
                        ? sum
                        : new ShardReduction(arena, averaging, chunks, samples, step);
        return lens.isOpen()
                ? new ObservedReduction(reduction, sum, lens, samples, step)
                : reduction;
    }
}
