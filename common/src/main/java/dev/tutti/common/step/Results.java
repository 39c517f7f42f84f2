package dev.tutti.common.step;

import dev.tutti.common.average.Chunks;
import dev.tutti.common.average.ShardRange;
import dev.tutti.common.average.ShardTree;
import dev.tutti.common.average.SharedPayload;
import dev.tutti.common.average.StepSum;
import dev.tutti.common.average.Totals;
import dev.tutti.common.kernel.Floats;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The results of the work at hand: checked, kept, and added up along the shard tree. */
final class Results {
    /** What taking a contribution led to. */
    enum Taken {
        WAITING,
        /** At least one chunk's sum was taken. */
        REDUCED,
        NOT_FINITE
    }

    private final ShardTree tree;
    private final Chunks chunks;
    private final ResultCheck check;
    private final MemorySegment gradient;
    private final StepSum sum;
    private final Map<ShardRange, Totals> totals = new HashMap<>();
    private final Map<ShardRange, Long> computeNanos = new HashMap<>();
    private int notFiniteChunk;

    Results(Arena arena, ShardTree tree, Chunks chunks, SamplePlan plan) {
        this.tree = tree;
        this.chunks = chunks;
        this.check = new ResultCheck(plan, chunks);
        this.gradient = Floats.allocate(arena, chunks.length());
        this.sum = new StepSum(arena, tree, chunks, gradient);
    }

    void clear() {
        sum.clear();
        totals.clear();
        computeNanos.clear();
    }

    /** Returns why a contribution is refused; empty if it is in order. */
    Optional<Rejection> check(ToCoordinator.Contribution contribution) {
        var lease = contribution.lease();
        // Every chunk brings the totals again; those that have passed need not be hashed again.
        var passed = contribution.totals().equals(totals.get(lease.shards()));
        return check.length(contribution)
                .or(() -> passed ? Optional.empty() : check.totals(lease, contribution.totals()));
    }

    Optional<Rejection> check(ToCoordinator.Evaluated evaluated) {
        return check.totals(evaluated.lease(), evaluated.totals());
    }

    /** Takes a contribution that has passed its check; owns the payload from now on. */
    Taken take(HeldLease held, ToCoordinator.Contribution contribution) {
        var shards = held.lease.shards();
        totals.put(shards, contribution.totals());
        computeNanos.put(shards, contribution.computeNanos());
        if (!check.isWhole(contribution)) {
            var chunk = check.chunkOf(contribution);
            held.chunkArrived(chunk);
            return takeChunk(sum.offer(shards, chunk, contribution.values()), chunk);
        }
        var slices = new SharedPayload(contribution.values(), chunks);
        var taken = Taken.WAITING;
        for (var chunk = 0; chunk < chunks.count(); chunk++) {
            held.chunkArrived(chunk);
            var one = takeChunk(sum.offer(shards, chunk, slices.slice(chunk)), chunk);
            taken = taken == Taken.NOT_FINITE || one == Taken.WAITING ? taken : one;
        }
        return taken;
    }

    void take(HeldLease held, ToCoordinator.Evaluated evaluated) {
        totals.put(held.lease.shards(), evaluated.totals());
        held.resultArrived();
    }

    private Taken takeChunk(StepSum.Outcome outcome, int chunk) {
        return switch (outcome) {
            case WAITING, LATE -> Taken.WAITING;
            case REDUCED -> Taken.REDUCED;
            case NOT_FINITE -> {
                notFiniteChunk = chunk;
                yield Taken.NOT_FINITE;
            }
        };
    }

    boolean isStepComplete() {
        return sum.isComplete();
    }

    int reducedChunks() {
        return sum.reducedChunks();
    }

    boolean isEvaluationComplete() {
        return isCovered(tree.root());
    }

    /** Returns the sums over all shards; needs a complete step or evaluation. */
    Totals totals() {
        return totals(tree.root());
    }

    /** Returns the node over all shards. */
    ShardRange all() {
        return tree.root();
    }

    MemorySegment gradientSum() {
        return gradient;
    }

    /** Drops what has come of a node. */
    void withdraw(ShardRange shards) {
        sum.withdraw(shards);
        totals.remove(shards);
    }

    /** Returns the piece that made the last chunk's sum NaN or infinite. */
    StepSum.NotFinite firstNotFinite() {
        return sum.firstNotFinite(notFiniteChunk);
    }

    /** Returns who brought what, in shard order. */
    List<StepReport.Share> shares(Collection<HeldLease> leases) {
        var shares = new ArrayList<StepReport.Share>();
        for (var held : leases) {
            var lease = held.lease;
            var brought = totals.get(lease.shards());
            if (brought != null) {
                shares.add(
                        new StepReport.Share(
                                lease.worker(),
                                lease.shards(),
                                lease.attempt(),
                                brought.samples(),
                                computeNanos.getOrDefault(lease.shards(), 0L)));
            }
        }
        return List.copyOf(shares);
    }

    private boolean isCovered(ShardRange node) {
        return totals.containsKey(node)
                || (node.size() > 1 && isCovered(tree.left(node)) && isCovered(tree.right(node)));
    }

    private Totals totals(ShardRange node) {
        var known = totals.get(node);
        return known != null ? known : totals(tree.left(node)).plus(totals(tree.right(node)));
    }
}
