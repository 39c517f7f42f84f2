package dev.tutti.common.step;

import dev.tutti.common.average.ShardRange;
import dev.tutti.common.average.ShardTree;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Who may compute what of the work at hand. Every shard is out to exactly one worker, or waits in
 * {@link #orphans} for one to come (law 3).
 */
final class LeaseTable {
    private final ShardTree tree;
    private final int creditChunks;
    private final Map<ShardRange, HeldLease> held = new TreeMap<>();
    private final Map<ShardRange, Integer> orphans = new TreeMap<>();
    private Work work = new Work.Train(0);
    private int chunks;

    LeaseTable(ShardTree tree, int creditChunks) {
        this.tree = tree;
        this.creditChunks = creditChunks;
    }

    /** Starts the work with nothing given out yet; a result has {@code chunkCount} chunks. */
    void begin(Work next, int chunkCount) {
        work = next;
        chunks = chunkCount;
        held.clear();
        orphans.clear();
        orphans.put(tree.root(), 0);
    }

    Work work() {
        return work;
    }

    /** Gives the orphans to {@code workers}, as evenly as whole shards allow. */
    List<Lease> grantOrphans(List<WorkerId> workers, long now) {
        if (workers.isEmpty()) {
            return List.of();
        }
        var granted = new ArrayList<Lease>();
        var taken = Map.copyOf(orphans);
        orphans.clear();
        new TreeMap<>(taken)
                .forEach((node, attempt) -> granted.addAll(grant(node, attempt, workers, now)));
        return granted;
    }

    /** Returns the lease if it is out just so; empty if it is over or never was. */
    Optional<HeldLease> find(Lease lease) {
        return Optional.ofNullable(held.get(lease.shards()))
                .filter(found -> found.lease.equals(lease));
    }

    /** Returns the leases that have not brought their whole result. */
    List<HeldLease> outstanding() {
        return held.values().stream().filter(lease -> !lease.isComplete()).toList();
    }

    /** Returns all leases of the work, complete or not, in shard order. */
    Collection<HeldLease> all() {
        return held.values();
    }

    /** Takes a lease back; its shards are orphans of the next attempt. */
    void takeBack(HeldLease lost) {
        held.remove(lost.lease.shards());
        orphans.put(lost.lease.shards(), lost.lease.attempt() + 1);
    }

    boolean hasOrphans() {
        return !orphans.isEmpty();
    }

    private List<Lease> grant(ShardRange node, int attempt, List<WorkerId> workers, long now) {
        var granted = new ArrayList<Lease>();
        var byLoad = byLoad(workers);
        var parts = Math.min(node.size(), byLoad.size());
        for (var part = 0; part < parts; part++) {
            var range =
                    new ShardRange(
                            node.from() + (int) ((long) part * node.size() / parts),
                            node.from() + (int) ((long) (part + 1) * node.size() / parts));
            for (var shards : tree.cover(range)) {
                var lease = new Lease(work, shards, attempt, byLoad.get(part));
                held.put(shards, new HeldLease(lease, now, chunks, creditChunks));
                granted.add(lease);
            }
        }
        return granted;
    }

    /** Orders workers by the shards they still owe, then by number. */
    private List<WorkerId> byLoad(List<WorkerId> workers) {
        var owed = new HashMap<WorkerId, Integer>();
        for (var lease : outstanding()) {
            owed.merge(lease.lease.worker(), lease.lease.shards().size(), Integer::sum);
        }
        return workers.stream()
                .sorted(
                        Comparator.<WorkerId>comparingInt(worker -> owed.getOrDefault(worker, 0))
                                .thenComparing(Comparator.naturalOrder()))
                .toList();
    }
}
