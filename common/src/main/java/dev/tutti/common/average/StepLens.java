package dev.tutti.common.average;

import dev.tutti.common.average.mixing.Gram;
import dev.tutti.common.average.observe.GradientDigests;
import dev.tutti.common.average.observe.Microscope;
import dev.tutti.common.average.observe.Observation;
import dev.tutti.common.average.observe.Observing;
import dev.tutti.common.average.observe.Proof;
import dev.tutti.common.average.observe.ShardVectors;
import dev.tutti.common.average.observe.WholeGradient;
import dev.tutti.common.average.pipeline.Averaging;
import dev.tutti.common.average.pipeline.GradientLayout.Part;
import dev.tutti.common.vector.FiniteCheck;
import dev.tutti.common.vector.Floats;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.IntUnaryOperator;

/**
 * What is looked at in a run's steps, and what was seen in the step at hand. It reads what is being
 * averaged and changes nothing of it. Owned by one thread, except for {@link #note}.
 */
public final class StepLens {
    /** Looks at nothing. */
    public static final StepLens NONE =
            new StepLens(
                    Arena.global(),
                    Observing.NONE,
                    Microscope.of(Averaging.MEAN, Observing.NONE, 0),
                    new Chunks(0, 1),
                    0,
                    (_, _) -> {});

    private final Arena arena;
    private final Observing observing;
    private final Microscope microscope;
    private final Chunks chunks;
    private final double wireRounding;
    private final WholeGradient prover;

    /** The layers, and the statistics behind them if there are any. */
    private final List<Part> parts;

    private final long[][][] hashes; // chunk × shard with samples × part
    private List<Integer> shards = List.of();
    private Optional<Observation.Seen> seen = Optional.empty();
    private Optional<Proof> proof = Optional.empty();
    private Optional<MemorySegment[]> sums = Optional.empty();

    /**
     * Makes the lens of a run.
     *
     * @param arena for the vectors of a proof
     * @param chunks the cut of a vector
     * @param wireRounding what a number that travels may be off, relative to itself
     * @param prover computes whole batches, if steps are proved
     */
    public StepLens(
            Arena arena,
            Observing observing,
            Microscope microscope,
            Chunks chunks,
            double wireRounding,
            WholeGradient prover) {
        this.arena = arena;
        this.observing = observing;
        this.microscope = microscope;
        this.chunks = chunks;
        this.wireRounding = wireRounding;
        this.prover = prover;
        this.parts =
                microscope.averaging().layout().parts(true).stream()
                        .filter(part -> part.from() < chunks.length())
                        .toList();
        this.hashes = new long[chunks.count()][][];
    }

    /** Tells whether any step is looked at. */
    boolean isOpen() {
        return observing.isAny();
    }

    /** Tells whether the step after so many is looked at in any way. */
    boolean isOpen(long version) {
        return observing.keepsApart(version);
    }

    /** Tells whether nothing of a step may be reduced before all of all shards is there. */
    boolean needsWholeVectors(long version) {
        return observing.needsWholeVectors(version);
    }

    /**
     * Looks at the vectors of a step.
     *
     * @param sum writes the sum of them all
     * @return false if one of them is not finite; then nothing is seen
     */
    boolean look(long version, ShardMeans vectors, Consumer<ChunkSums> sum) {
        var averaging = microscope.averaging();
        var grams = ShardGrams.of(vectors, averaging.layout().parts(true), averaging, version);
        if (grams.isEmpty()) {
            return false;
        }
        if (observing.isSeen(version)) {
            seen =
                    Optional.of(
                            microscope.look(
                                    readable(vectors), grams.get(), vectors.samples(), version));
        }
        if (observing.isProved(version)) {
            proof = Optional.of(prove(version, vectors.samples(), grams.get(), sum));
        }
        return true;
    }

    private static ShardVectors readable(ShardMeans vectors) {
        return new ShardVectors() {
            @Override
            public long length() {
                return vectors.length();
            }

            @Override
            public void read(long from, int count, float[][] out) {
                vectors.read(from, count, new FiniteCheck(), out);
            }
        };
    }

    private Proof prove(long version, int[] samples, List<Gram> grams, Consumer<ChunkSums> sum) {
        var vectors = sums.orElseGet(this::allocated);
        sums = Optional.of(vectors);
        sum.accept(ChunkSums.of(chunks, vectors[0]));
        prover.write(version, vectors[1]);
        return Proof.of(
                vectors[0],
                vectors[1],
                microscope.layers(),
                grams.stream().mapToDouble(gram -> lengths(gram, samples)).toArray(),
                wireRounding);
    }

    private MemorySegment[] allocated() {
        return new MemorySegment[] {
            Floats.allocate(arena, chunks.length()), Floats.allocate(arena, chunks.length())
        };
    }

    /** Returns the lengths of the shards' sums; faulty ones count as long as the others. */
    private double lengths(Gram gram, int[] samples) {
        var honest = samples.length - microscope.averaging().faults().faulty();
        var lengths = 0.0;
        var counted = 0;
        for (var i = 0; i < honest; i++) {
            lengths += samples[i] * gram.norm(i);
            counted += samples[i];
        }
        return lengths * Arrays.stream(samples).sum() / counted;
    }

    /** Notes who has brought a chunk, and its digests; several threads may note different ones. */
    void note(long version, int chunk, PieceTable pieces, IntUnaryOperator samples) {
        if (chunk > 0 && !observing.isDigested(version)) {
            return;
        }
        var present =
                pieces.pieces(chunk).entrySet().stream()
                        .filter(entry -> samples.applyAsInt(entry.getKey().from()) > 0)
                        .toList();
        if (observing.isDigested(version)) {
            hashes[chunk] =
                    present.stream()
                            .map(entry ->
                                    GradientDigests.ofStretch(
                                            entry.getValue().elements(),
                                            chunks.offset(chunk),
                                            parts))
                            .toArray(long[][]::new);
        }
        if (chunk == 0) {
            shards = present.stream().map(entry -> entry.getKey().from()).toList();
        }
    }

    /**
     * Returns what was seen in the step that has just been reduced, and forgets it; empty if it was
     * not looked at.
     *
     * @param version steps before it
     * @param workers the virtual worker of a shard
     */
    public Optional<Observation> take(long version, IntUnaryOperator workers) {
        if (!isOpen(version)) {
            return Optional.empty();
        }
        var digests =
                observing.isDigested(version)
                        ? Optional.of(GradientDigests.of(Arrays.asList(hashes), parts.size()))
                        : Optional.<GradientDigests>empty();
        var taken =
                new Observation(
                        shards.stream().map(workers::applyAsInt).toList(), seen, proof, digests);
        seen = Optional.empty();
        proof = Optional.empty();
        return Optional.of(taken);
    }
}
