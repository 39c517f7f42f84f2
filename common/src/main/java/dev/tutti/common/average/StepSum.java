package dev.tutti.common.average;

import dev.tutti.common.average.pipeline.Averaging;
import dev.tutti.common.vector.Floats;
import dev.tutti.common.vector.Parallel;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.function.IntUnaryOperator;
import java.util.function.LongSupplier;

/**
 * The average of one step over a node of the tree, chunk by chunk: keeps the pieces of a chunk
 * until they are the whole node ({@link PieceTable}), then reduces them as the run says ({@link
 * Reduction}). The coordinator's node is the root. The order of arrival never matters (law 2), and
 * memory is bounded by the chunks in flight (law 7).
 */
public final class StepSum {
    /** What an offered piece led to. */
    public enum Outcome {
        /** The chunk waits for more pieces. */
        WAITING,
        /** The chunk's sum is taken; its pieces have been released. */
        REDUCED,
        /** The chunk was complete, or had the node's piece; this one has been released. */
        LATE,
        /** The chunk's sum is NaN or infinite; see {@link #firstNotFinite}. */
        NOT_FINITE
    }

    private final Chunks chunks;
    private final ChunkSums sums;
    private final PieceTable pieces;
    private final Reduction reduction;
    private int notFiniteChunk;

    /**
     * Makes an empty sum over the whole tree.
     *
     * @param averaging how the pieces are reduced: if it is linear, to their sum, else to the
     *     average
     * @param samples of a shard, asked for once all shards of a chunk are there
     * @param step that is being averaged
     * @param lens looks at what is averaged
     * @param sums where the sums or averages go
     */
    public StepSum(
            Arena arena,
            ShardTree tree,
            Chunks chunks,
            Averaging averaging,
            IntUnaryOperator samples,
            LongSupplier step,
            StepLens lens,
            ChunkSums sums) {
        this.chunks = chunks;
        this.sums = sums;
        this.pieces = new PieceTable(tree, chunks);
        this.reduction = Reduction.of(averaging, arena, tree, chunks, samples, step, lens);
    }

    /** Forgets what was summed and releases what is held, to sum over {@code node} anew. */
    public void begin(ShardRange node) {
        pieces.begin(node);
    }

    /** Takes one chunk of a node's gradient sum, and adds the chunk up if it is complete. */
    public Outcome offer(ShardRange node, int chunk, Payload piece) {
        if (!put(node, chunk, piece)) {
            return Outcome.LATE;
        }
        if (!pieces.isCovered(chunk)) {
            return Outcome.WAITING;
        }
        return reduction.needsAllChunks() ? settle() : reduce(new int[] {chunk});
    }

    /**
     * Takes one chunk of a node's gradient sum, to be added up later; owns the payload from now on.
     *
     * @return false if it is {@link Outcome#LATE}
     */
    public boolean put(ShardRange node, int chunk, Payload piece) {
        return pieces.put(node, chunk, piece);
    }

    /**
     * Adds all chunks that are complete, on several cores if there is much to add.
     *
     * @return {@link Outcome#NOT_FINITE} if any chunk is not, else whether any was added up
     */
    public Outcome settle() {
        var covered = pieces.covered();
        return reduction.needsAllChunks() && covered.length < chunks.count()
                ? Outcome.WAITING
                : reduce(covered);
    }

    /** Tells whether every chunk has been reduced. */
    public boolean isComplete() {
        return pieces.closedCount() == chunks.count();
    }

    /** Tells whether the chunk has been reduced. */
    public boolean isReduced(int chunk) {
        return pieces.isClosed(chunk);
    }

    /** Returns how many chunks have been reduced. */
    public int reducedChunks() {
        return pieces.closedCount();
    }

    /**
     * Where a sum stopped being finite.
     *
     * @param chunk of the flat vector
     * @param shards the node whose piece holds the value; the whole sum's if only that overflows
     * @param index into the flat vector
     * @param value NaN or an infinity
     */
    public record NotFinite(int chunk, ShardRange shards, long index, float value) {}

    /**
     * Returns the first value that is not finite of the last chunk that was not, of its pieces or
     * else of their sum.
     */
    public NotFinite firstNotFinite() {
        var chunk = notFiniteChunk;
        try (var own = Arena.ofConfined()) {
            var scratch = Floats.allocate(own, chunks.size(chunk));
            for (var piece : pieces.pieces(chunk).entrySet()) {
                var values = piece.getValue().elements().floats(scratch);
                var index = Floats.firstNotFinite(values);
                if (index >= 0) {
                    return notFinite(chunk, piece.getKey(), index, values);
                }
            }
            var _ = reduction.take(chunk, pieces, (_, terms) -> ChunkSums.sum(terms, scratch));
            return notFinite(chunk, pieces.root(), Floats.firstNotFinite(scratch), scratch);
        }
    }

    private NotFinite notFinite(int chunk, ShardRange shards, long index, MemorySegment values) {
        return new NotFinite(
                chunk, shards, chunks.offset(chunk) + index, Floats.get(values, index));
    }

    /** Drops what has come of a node and is not reduced yet; see {@link #settle}. */
    public void withdraw(ShardRange node) {
        pieces.withdraw(node);
    }

    private Outcome reduce(int[] ready) {
        var spoilt = reduction.begin(pieces, ready);
        if (spoilt.isPresent()) {
            notFiniteChunk = spoilt.getAsInt();
            return Outcome.NOT_FINITE;
        }
        var finite = new boolean[ready.length];
        var floats = (long) ready.length * chunks.chunkFloats();
        Parallel.forEach(
                ready.length, floats, i -> finite[i] = reduction.take(ready[i], pieces, sums));
        var outcome = Outcome.WAITING;
        for (var i = 0; i < ready.length; i++) {
            if (finite[i]) {
                taken(ready[i]);
            } else {
                notFiniteChunk = ready[i];
            }
            outcome =
                    !finite[i] || outcome == Outcome.NOT_FINITE
                            ? Outcome.NOT_FINITE
                            : Outcome.REDUCED;
        }
        return outcome;
    }

    private void taken(int chunk) {
        pieces.close(chunk);
        sums.taken(chunk);
    }
}
