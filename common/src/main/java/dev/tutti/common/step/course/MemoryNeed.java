package dev.tutti.common.step.course;

import dev.tutti.common.average.ShardTree;
import dev.tutti.common.nn.Model;
import dev.tutti.common.nn.Workspace;
import dev.tutti.common.nn.loss.Losses;
import dev.tutti.common.optim.Optimizers;
import dev.tutti.common.optim.UpdateRule;
import dev.tutti.common.step.compute.Evaluator;
import dev.tutti.common.step.compute.VectorPool;
import dev.tutti.common.step.run.EarlyStopping;
import dev.tutti.common.step.run.RunSpec;
import dev.tutti.common.vector.Floats;
import dev.tutti.common.vector.Precision;
import java.util.ArrayList;
import java.util.List;

/**
 * The memory that one process of a run takes outside the heap, known before any of it is allocated.
 * What allocates ({@link TrainingState}, {@link VectorPool}, {@code ReceivedWeights}, {@link
 * Workspace}) and this change together.
 *
 * @param parts what it is for, in the order of the run
 */
public record MemoryNeed(List<Part> parts) {
    /** Nothing. */
    public static final MemoryNeed NONE = new MemoryNeed(List.of());

    /** Vectors of the optimizer, which only another optimizer makes fewer. */
    public static final String SLOTS = "optimizer";

    /** Weights that tasks of earlier versions are computed with. */
    public static final String VERSIONS = "earlier weights";

    /** The copy that a checkpoint is written from. */
    public static final String CHECKPOINT = "checkpoint's copy";

    /** What each worker needs for itself. */
    public static final String WORKERS = "workers";

    /**
     * Some memory.
     *
     * @param purpose in words
     * @param bytes of it; {@link Long#MAX_VALUE} if it is more than can be counted
     */
    public record Part(String purpose, long bytes) {}

    /** Keeps the parts that are anything. */
    public MemoryNeed {
        parts = parts.stream().filter(part -> part.bytes() > 0).toList();
    }

    /**
     * Returns what the coordinator's process keeps of a run.
     *
     * @param workers that the run begins with
     * @param checkpoints whether checkpoints are taken
     * @param sharesWeights whether what workers get of the weights is in shared memory
     */
    public static MemoryNeed ofCourse(
            RunSpec spec,
            Model model,
            UpdateRule rule,
            EarlyStopping stopping,
            int workers,
            boolean checkpoints,
            boolean sharesWeights) {
        var wire = spec.wire().precision();
        var average = spec.averaging();
        var vector = times(model.vectorLength(), Floats.BYTES);
        var changes = spec.changeCompressor().isNeutral() ? 0 : 1;
        var slots = rule.optimizer().slotCount() + spec.syncMode().slotCount();
        var best = stopping.keepsBest() ? 1 : 0;
        var sent = wire == Precision.FP32 && changes == 0 ? 0 : 2;
        var sentBytes =
                times(sent + (sent == 0 ? 2 : 0), times(model.vectorLength(), wire.bytes()));
        var parts = new ArrayList<Part>();
        // The weights before the first step stay, beside those before and after the step at hand.
        parts.add(new Part("weights", times(1 + sent, vector)));
        parts.add(new Part("published weights", sharesWeights ? 0 : sentBytes));
        var versions = versions(spec, workers);
        parts.add(
                new Part(
                        VERSIONS,
                        sharesWeights
                                ? 0
                                : times(versions, times(model.vectorLength(), wire.bytes()))));
        parts.add(new Part(SLOTS, times(slots, vector)));
        parts.add(new Part("what workers have", times(changes, vector)));
        parts.add(new Part("gradient", SteppedSums.suit(rule) ? 0 : vector));
        // A gradient of each virtual worker, and those of a step.
        var mode = spec.syncMode();
        var tasks = spec.keepsTasks() ? (long) spec.shards() + mode.tasksOfStep(spec.shards()) : 0;
        parts.add(new Part("gradients of tasks", times(tasks, vector)));
        var kept = spec.keepsTasks() ? average.keptVectors(spec.shards()) : 0;
        parts.add(new Part("vectors kept from step to step", times(kept, vector)));
        // As they were collected last, and as a checkpoint writes them.
        var states = (checkpoints ? 2L : 1L) * spec.shards() * spec.compressor().states();
        parts.add(new Part("states of virtual workers", times(states, vector)));
        var decoded = spec.compressor().isNeutral() ? 0 : spec.shards();
        parts.add(new Part("decoded gradients", times(decoded, vector)));
        var gradients = average.needsWholeVectors() ? spec.shards() : 0;
        parts.add(new Part("gradients of the shards", times(gradients, vector)));
        parts.add(new Part("best weights", times(best, vector)));
        parts.add(
                new Part(
                        CHECKPOINT,
                        checkpoints
                                ? times(1 + slots + changes + best + kept + versions, vector)
                                : 0));
        return new MemoryNeed(parts);
    }

    /**
     * Returns how many versions of the weights a run may keep beside the newest.
     *
     * @param workers that it begins with
     */
    public static int versions(RunSpec spec, int workers) {
        return KeptVersions.most(spec, workers);
    }

    /**
     * Returns what the workers of one process need.
     *
     * @param workers of this process
     * @param allWorkers of the run
     * @param sharesGradients whether gradients are in shared memory
     * @param receivesWeights whether the weights come in chunks, and are put together here
     */
    public static MemoryNeed ofWorkers(
            RunSpec spec,
            Model model,
            int workers,
            int allWorkers,
            boolean sharesGradients,
            boolean receivesWeights) {
        var vector = times(model.vectorLength(), Floats.BYTES);
        var share = (spec.shards() - 1) / Math.max(1, allWorkers) + 1;
        var busy = Math.min(workers, spec.shards());
        var adds = spec.addsShards();
        var leased = adds ? share : 1;
        var results = adds ? busy : (int) Math.min((long) workers * share, spec.shards());
        // Beside its result a worker has a vector for each level of its part of the tree.
        var scratch =
                levels(leased) + (spec.wire().precision() == Precision.FP32 || leased == 1 ? 0 : 1);
        var mode = spec.syncMode();
        var local =
                !mode.isLocal()
                        ? 0
                        : 2 + Optimizers.CATALOGUE.parse(mode.localOptimizer()).slotCount();
        var loss = Losses.CATALOGUE.parse(spec.loss());
        var shardSamples = (spec.batch() - 1) / spec.shards() + 1;
        var workspaces =
                plus(
                        Workspace.bytes(model, loss, shardSamples),
                        Workspace.bytes(model, loss, Evaluator.BLOCK_SAMPLES));
        return new MemoryNeed(
                List.of(
                        new Part(
                                "received weights",
                                receivesWeights
                                        ? times(
                                                mode.isWhole() ? 2 : workers + 2,
                                                times(
                                                        model.vectorLength(),
                                                        spec.wire().precision().bytes()))
                                        : 0),
                        // Of this gradient and of the one before.
                        new Part(
                                "states of virtual workers",
                                times(
                                        2L * spec.compressor().states(),
                                        times(
                                                Math.min((long) workers * share, spec.shards()),
                                                vector))),
                        new Part(
                                WORKERS,
                                plus(
                                        plus(
                                                times(busy, times(scratch + local, vector)),
                                                sharesGradients ? 0 : times(results, vector)),
                                        times(workers, workspaces)))));
    }

    private static int levels(int shards) {
        return ShardTree.depth(new ShardTree(shards).root());
    }

    /** Returns both together. */
    public MemoryNeed plus(MemoryNeed other) {
        var all = new ArrayList<>(parts);
        all.addAll(other.parts);
        return new MemoryNeed(all);
    }

    /** Returns the same with one part more. */
    public MemoryNeed plus(String purpose, long bytes) {
        return plus(new MemoryNeed(List.of(new Part(purpose, bytes))));
    }

    /** Returns the bytes of a purpose. */
    public long of(String purpose) {
        return parts.stream()
                .filter(part -> part.purpose().equals(purpose))
                .mapToLong(Part::bytes)
                .reduce(0, MemoryNeed::plus);
    }

    /** Returns the bytes of all parts; {@link Long#MAX_VALUE} if they cannot be counted. */
    public long bytes() {
        return parts.stream().mapToLong(Part::bytes).reduce(0, MemoryNeed::plus);
    }

    /** Returns a product of what is not negative, or the largest number if it is larger. */
    public static long times(long a, long b) {
        return b != 0 && a > Long.MAX_VALUE / b ? Long.MAX_VALUE : a * b;
    }

    /** Returns a sum of what is not negative, or the largest number if it is larger. */
    public static long plus(long a, long b) {
        return a > Long.MAX_VALUE - b ? Long.MAX_VALUE : a + b;
    }
}
