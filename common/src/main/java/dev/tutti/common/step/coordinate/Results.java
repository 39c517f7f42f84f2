package dev.tutti.common.step.coordinate;

import dev.tutti.common.average.ChunkSums;
import dev.tutti.common.average.Chunks;
import dev.tutti.common.average.Payload;
import dev.tutti.common.average.ShardRange;
import dev.tutti.common.average.ShardTree;
import dev.tutti.common.average.SharedPayload;
import dev.tutti.common.average.StepLens;
import dev.tutti.common.average.StepSum;
import dev.tutti.common.average.Totals;
import dev.tutti.common.average.batch.BatchRound;
import dev.tutti.common.average.batch.BatchStatistics;
import dev.tutti.common.average.pipeline.Averaging;
import dev.tutti.common.step.course.StepReport;
import dev.tutti.common.step.lease.HeldLease;
import dev.tutti.common.step.message.ToCoordinator;
import dev.tutti.common.step.run.Lease;
import dev.tutti.common.step.run.Rejection;
import dev.tutti.common.step.run.Work;
import dev.tutti.common.step.run.WorkerId;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.stream.IntStream;

/**
 * The results of the work at hand over a node of the shard tree: checked, kept, and added up along
 * the tree. The coordinator's node is the root.
 */
public final class Results {
    /** What taking a contribution led to. */
    enum Taken {
        WAITING,
        /** At least one chunk's sum was taken. */
        REDUCED,
        NOT_FINITE
    }

    /** What came first for a node; how long it took is known at the end. */
    private record Brought(
            Lease lease, Totals totals, BatchStatistics statistics, long computeNanos) {
        Brought orLater(Brought later) {
            return computeNanos == 0 && later.lease.equals(lease) ? later : this;
        }
    }

    private final ShardTree tree;
    private final Chunks chunks;
    private final ResultCheck check;
    private final StepSum sum;
    private final Map<ShardRange, Brought> brought = new HashMap<>();
    private ShardRange root;
    private int batches = 1;
    private long floats;
    private long earlyFloats;

    /**
     * Makes room for the results over the whole tree.
     *
     * @param check judges each result
     * @param averaging makes one gradient of all
     * @param step that is being averaged
     * @param lens looks at what is averaged
     * @param sums where the sums of chunks go
     */
    public Results(
            Arena arena,
            ShardTree tree,
            ResultCheck check,
            Averaging averaging,
            LongSupplier step,
            StepLens lens,
            ChunkSums sums) {
        this.tree = tree;
        this.chunks = check.chunks();
        this.check = check;
        this.sum = new StepSum(arena, tree, chunks, averaging, this::samples, step, lens, sums);
        this.root = tree.root();
    }

    /** Forgets everything and releases what is held, to gather the results over {@code node}. */
    public void begin(ShardRange node) {
        begin(node, 1);
    }

    /** Does the same for a work of so many batches. */
    void begin(ShardRange node, int batchCount) {
        batches = batchCount;
        root = node;
        sum.begin(node);
        brought.clear();
        floats = 0;
        earlyFloats = 0;
    }

    Chunks chunks() {
        return chunks;
    }

    int batchesOf(Work work) {
        return check.plan().batchesOf(work);
    }

    /** Returns why a contribution is refused; empty if it is in order. */
    Optional<Rejection> check(ToCoordinator.Contribution contribution) {
        var lease = contribution.lease();
        // Every chunk brings the totals again; those that have passed need not be hashed again.
        var known = brought.get(lease.shards());
        var passed = known != null && contribution.totals().equals(known.totals());
        return check.length(contribution)
                .or(() -> passed ? Optional.empty() : check.totals(lease, contribution.totals()));
    }

    Optional<Rejection> check(ToCoordinator.Evaluated evaluated) {
        return check.totals(evaluated.lease(), evaluated.totals())
                .or(() -> check.statistics(evaluated));
    }

    Optional<Rejection> check(ToCoordinator.Coded coded) {
        return check.totals(coded.lease(), coded.totals());
    }

    /** Takes a contribution that has passed its check; owns the payload from now on. */
    Taken take(HeldLease held, ToCoordinator.Contribution contribution) {
        var shards = held.lease.shards();
        brought.merge(
                shards,
                new Brought(
                        held.lease,
                        contribution.totals(),
                        BatchStatistics.NONE,
                        contribution.computeNanos()),
                Brought::orLater);
        floats += contribution.values().elements().count();
        earlyFloats += contribution.isEarly() ? contribution.values().elements().count() : 0;
        if (!check.isWhole(contribution)) {
            return take(held, check.chunkOf(contribution), contribution.values());
        }
        var slices = new SharedPayload(contribution.values(), chunks);
        for (var chunk = 0; chunk < chunks.count(); chunk++) {
            held.chunkArrived(chunk, sum.put(shards, chunk, slices.slice(chunk)));
        }
        return settle();
    }

    /**
     * A chunk that somebody has sent.
     *
     * @param computeNanos time the computation took; 0 while it goes on
     */
    record Sent(int chunk, Totals totals, long computeNanos, Payload values) {}

    /** Returns the chunks of a contribution that has passed its check. */
    List<Sent> chunksOf(ToCoordinator.Contribution contribution) {
        var totals = contribution.totals();
        var nanos = contribution.computeNanos();
        if (!check.isWhole(contribution)) {
            var chunk = check.chunkOf(contribution);
            return List.of(new Sent(chunk, totals, nanos, contribution.values()));
        }
        var slices = new SharedPayload(contribution.values(), chunks);
        return IntStream.range(0, chunks.count())
                .mapToObj(chunk -> new Sent(chunk, totals, nanos, slices.slice(chunk)))
                .toList();
    }

    /** Takes a chunk of an audited shard whose bits are known, to be added up later. */
    void put(Lease lease, Sent sent) {
        brought.merge(
                lease.shards(),
                new Brought(lease, sent.totals(), BatchStatistics.NONE, sent.computeNanos()),
                Brought::orLater);
        floats += sent.values().elements().count();
        earlyFloats += sent.computeNanos() == 0 ? sent.values().elements().count() : 0;
        sum.put(lease.shards(), sent.chunk(), sent.values());
    }

    private Taken take(HeldLease held, int chunk, Payload piece) {
        var outcome = sum.offer(held.lease.shards(), chunk, piece);
        held.chunkArrived(chunk, outcome != StepSum.Outcome.LATE);
        return taken(outcome);
    }

    /** Notes that a contribution has come that is not taken, so far as it is a stretch at all. */
    void pass(HeldLease held, ToCoordinator.Contribution contribution) {
        if (check.length(contribution).isPresent()) {
            return;
        }
        if (check.isWhole(contribution)) {
            for (var chunk = 0; chunk < chunks.count(); chunk++) {
                held.chunkArrived(chunk, false);
            }
        } else {
            held.chunkArrived(check.chunkOf(contribution), false);
        }
    }

    void take(HeldLease held, ToCoordinator.Evaluated evaluated) {
        brought.putIfAbsent(
                held.lease.shards(),
                new Brought(
                        held.lease,
                        evaluated.totals(),
                        evaluated.statistics(),
                        evaluated.computeNanos()));
        held.resultArrived();
    }

    private static Taken taken(StepSum.Outcome outcome) {
        return switch (outcome) {
            case WAITING, LATE -> Taken.WAITING;
            case REDUCED -> Taken.REDUCED;
            case NOT_FINITE -> Taken.NOT_FINITE;
        };
    }

    /** Returns the samples that the mean gradient of a shard is over, in each batch of its work. */
    private int samples(int shard) {
        return totals(new ShardRange(shard, shard + 1)).samples() / batches;
    }

    boolean isStepComplete() {
        return sum.isComplete();
    }

    public boolean isReduced(int chunk) {
        return sum.isReduced(chunk);
    }

    int reducedChunks() {
        return sum.reducedChunks();
    }

    boolean isEvaluationComplete() {
        return isCovered(root);
    }

    /** Returns the sums over the node; needs results, of a chunk at least, from all of it. */
    public Totals totals() {
        return totals(root);
    }

    /**
     * Returns the statistics over the node of a work that measures; needs results from all of it.
     */
    public BatchStatistics statistics(Work.Measure work) {
        return statistics(check.round(work), root);
    }

    /** Returns the node whose results these are. */
    ShardRange root() {
        return root;
    }

    /** Returns which fraction of what came was here before its sender had computed the rest. */
    double hiddenFraction() {
        return floats == 0 ? 0 : (double) earlyFloats / floats;
    }

    /** Tells whether any of those who have brought something still computes. */
    public boolean isBeingComputed() {
        return brought.values().stream().anyMatch(known -> known.computeNanos() == 0);
    }

    /** Returns how long the one who computed longest has computed so far. */
    public long computeNanosMax() {
        var byWorker = new HashMap<WorkerId, Long>();
        for (var known : brought.values()) {
            byWorker.merge(known.lease().worker(), known.computeNanos(), Long::sum);
        }
        return byWorker.values().stream().mapToLong(Long::longValue).max().orElse(0);
    }

    /** Drops what has come of a node. */
    void withdraw(ShardRange shards) {
        sum.withdraw(shards);
        brought.remove(shards);
    }

    /** Adds up the chunks that are complete. */
    Taken settle() {
        return taken(sum.settle());
    }

    /** Returns the piece that made the last chunk's sum NaN or infinite. */
    StepSum.NotFinite firstNotFinite() {
        return sum.firstNotFinite();
    }

    /** Tells whether the sum holds this lease's piece of that chunk. */
    boolean isCulprit(HeldLease held, StepSum.NotFinite place) {
        return held.lease.shards().equals(place.shards()) && held.hasBrought(place.chunk());
    }

    /** Returns who brought what, in shard order. */
    List<StepReport.Share> shares() {
        var shares = new ArrayList<StepReport.Share>();
        share(root, shares);
        return List.copyOf(shares);
    }

    private void share(ShardRange node, List<StepReport.Share> out) {
        var known = brought.get(node);
        if (known == null) {
            share(tree.left(node), out);
            share(tree.right(node), out);
            return;
        }
        out.add(
                new StepReport.Share(
                        known.lease().worker(),
                        node,
                        known.lease().attempt(),
                        known.totals().samples(),
                        known.computeNanos()));
    }

    private boolean isCovered(ShardRange node) {
        return brought.containsKey(node)
                || (node.size() > 1 && isCovered(tree.left(node)) && isCovered(tree.right(node)));
    }

    private Totals totals(ShardRange node) {
        var known = brought.get(node);
        return known != null
                ? known.totals()
                : totals(tree.left(node)).plus(totals(tree.right(node)));
    }

    private BatchStatistics statistics(BatchRound round, ShardRange node) {
        var known = brought.get(node);
        return known != null
                ? known.statistics()
                : round.plus(
                        statistics(round, tree.left(node)), statistics(round, tree.right(node)));
    }
}
