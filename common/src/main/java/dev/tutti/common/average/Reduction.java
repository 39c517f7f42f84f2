package dev.tutti.common.average;

import java.lang.foreign.Arena;
import java.util.OptionalInt;
import java.util.function.IntUnaryOperator;

/** Makes one vector of the pieces that cover a chunk. */
interface Reduction {
    /** Tells whether no chunk is reduced before all are covered. */
    default boolean needsAllChunks() {
        return false;
    }

    /**
     * Is told, by the owner alone, before covered chunks are taken.
     *
     * @return a chunk that is not finite, if that keeps all chunks from being taken
     */
    default OptionalInt begin(PieceTable pieces) {
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
     * Returns the reduction of a rule.
     *
     * @param samples of a shard that has come
     */
    static Reduction of(
            AveragingRule rule,
            Arena arena,
            ShardTree tree,
            Chunks chunks,
            IntUnaryOperator samples) {
        if (rule.isLinear()) {
            return new TreeReduction(arena, tree, chunks);
        }
        return rule.isByCoordinate()
                ? new LeafReduction(arena, rule, chunks, samples)
                : new WholeReduction(arena, rule, samples);
    }
}
