package dev.tutti.common.step.lease;

import dev.tutti.common.average.ShardRange;
import dev.tutti.common.average.ShardTree;
import dev.tutti.common.step.run.Lease;
import dev.tutti.common.step.run.Work;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;

/**
 * Who may compute what of one work. Every shard that was taken in is out to a worker, or waits
 * among the orphans for one to come (law 3). A straggler's shards are out twice: the first result
 * counts.
 */
final class LeaseTable {
    private final ShardTree tree;
    private final int creditChunks;
    private final Map<Lease, HeldLease> held =
            new TreeMap<>(Comparator.comparing(Lease::shards).thenComparingInt(Lease::attempt));
    private final TreeSet<ShardRange> orphans = new TreeSet<>();

    /** Shards that several processes compute; they are nobody's orphans. */
    private final TreeSet<ShardRange> audited = new TreeSet<>();

    private final IntPredicate audits;
    private final int[] attempts;
    private final Work work;
    private final int chunks;

    /**
     * Makes the table of a work that has no shards yet.
     *
     * @param firstAttempt of each lease; above 0 if the work was open before the run went back
     * @param chunks that a result of the work has; 0 if it is totals alone
     * @param audits tells which shards are audited
     */
    LeaseTable(
            ShardTree tree,
            Work work,
            int firstAttempt,
            int chunks,
            int creditChunks,
            IntPredicate audits) {
        this.tree = tree;
        this.audits = audits;
        this.work = work;
        this.chunks = chunks;
        this.creditChunks = creditChunks;
        this.attempts = new int[tree.shards()];
        Arrays.fill(attempts, firstAttempt);
    }

    /** Takes a node of the work in: its shards wait for somebody. */
    void add(ShardRange node) {
        if (IntStream.range(node.from(), node.to()).noneMatch(audits)) {
            orphans.add(node);
        } else if (node.size() == 1) {
            audited.add(node);
        } else {
            add(tree.left(node));
            add(tree.right(node));
        }
    }

    /** Returns the shards that are audited. */
    List<ShardRange> audited() {
        return List.copyOf(audited);
    }

    /** Tells whether a node is a shard that is audited. */
    boolean isAudited(ShardRange node) {
        return audited.contains(node);
    }

    /** Lets a node go: nobody is to compute any of it. Returns the leases that this ends. */
    List<HeldLease> remove(ShardRange node) {
        var ended =
                outstanding().stream().filter(out -> node.contains(out.lease.shards())).toList();
        held.keySet().removeIf(lease -> node.contains(lease.shards()));
        orphans.removeIf(node::contains);
        audited.removeIf(node::contains);
        return ended;
    }

    Work work() {
        return work;
    }

    /**
     * Gives out a node: its attempt is one that no lease on any of its shards has had.
     *
     * @param after as {@link Lease} has it
     * @param samples of the node
     * @param samplesAhead that the worker has to compute until then, these included
     */
    HeldLease grant(Division.Piece piece, long after, int samples, int samplesAhead, long now) {
        var shards = piece.node();
        var attempt = Arrays.stream(attempts, shards.from(), shards.to()).max().orElseThrow();
        Arrays.fill(attempts, shards.from(), shards.to(), attempt + 1);
        var lease = new Lease(work, shards, attempt, piece.worker(), after);
        var granted = new HeldLease(lease, now, samples, samplesAhead, chunks, creditChunks);
        held.put(lease, granted);
        return granted;
    }

    /** Returns the lease if it is out just so; empty if it is over or never was. */
    Optional<HeldLease> find(Lease lease) {
        return Optional.ofNullable(held.get(lease)).filter(found -> found.lease.equals(lease));
    }

    /** Returns the leases that have not brought their whole result. */
    List<HeldLease> outstanding() {
        return held.values().stream().filter(lease -> !lease.isComplete()).toList();
    }

    /** Returns those of them that are on some of these shards. */
    List<HeldLease> outstandingOn(ShardRange shards) {
        return outstanding().stream()
                .filter(out ->
                        out.lease.shards().contains(shards) || shards.contains(out.lease.shards()))
                .toList();
    }

    /** Returns all leases of the work, complete or not, in shard order. */
    Collection<HeldLease> all() {
        return List.copyOf(held.values());
    }

    /** Takes a lease back; shards of it that nobody else holds or has brought are orphans. */
    void takeBack(HeldLease lost) {
        held.remove(lost.lease);
        if (!isAudited(lost.lease.shards())) {
            orphans.addAll(without(lost.lease.shards(), held.values()));
        }
    }

    /** Returns the nodes that nobody holds, and leaves none. */
    List<ShardRange> takeOrphans() {
        var taken = List.copyOf(orphans);
        orphans.clear();
        return taken;
    }

    boolean hasOrphans() {
        return !orphans.isEmpty();
    }

    /** Tells whether all of a node has been brought by leases that are complete. */
    boolean isBrought(ShardRange node) {
        return unbrought(node).isEmpty();
    }

    /** Returns the nodes within this one that no complete lease has brought. */
    List<ShardRange> unbrought(ShardRange node) {
        return without(node, held.values().stream().filter(HeldLease::isComplete).toList());
    }

    /** Returns the largest nodes within this one that none of the leases covers. */
    private List<ShardRange> without(ShardRange node, Collection<HeldLease> leases) {
        var rest = new ArrayList<ShardRange>();
        without(node, leases, rest);
        return rest;
    }

    private void without(ShardRange node, Collection<HeldLease> leases, List<ShardRange> out) {
        if (leases.stream().anyMatch(lease -> lease.lease.shards().contains(node))) {
            return;
        }
        if (leases.stream().noneMatch(lease -> node.contains(lease.lease.shards()))) {
            out.add(node);
            return;
        }
        without(tree.left(node), leases, out);
        without(tree.right(node), leases, out);
    }
}
