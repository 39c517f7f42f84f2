package dev.tutti.common.step.lease;

import dev.tutti.common.step.run.Lease;
import dev.tutti.common.step.run.WorkerId;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * A worker as the leases see it: how fast it has been lately, and which leases it has not answered.
 * Each lease is answered once, by its result, by a failure, or by being returned; so a worker that
 * owes nothing is idle, also after leases were revoked. Owned by {@link Leasing}.
 */
final class LeaseHolder {
    /** Few enough to follow a worker that changes, enough to let one outlier pass. */
    private static final int OBSERVATIONS_MAX = 5;

    /** Works after which a worker that was too slow to be given anything is tried again. */
    private static final int WORKS_UNTRIED_MAX = 50;

    final WorkerId worker;
    private final Map<Lease, HeldLease> owed = new LinkedHashMap<>();
    private final Deque<Double> observed = new ArrayDeque<>();
    private OptionalDouble pace = OptionalDouble.empty();
    private int worksUntried;
    private long heardNanos;

    LeaseHolder(WorkerId worker) {
        this.worker = worker;
    }

    void owes(HeldLease held, long now) {
        if (owed.isEmpty()) {
            heardNanos = now;
        }
        owed.put(held.lease, held);
        worksUntried = 0;
    }

    /** Returns a lease that the worker has not answered, whether it is still wanted or not. */
    Optional<HeldLease> owed(Lease lease) {
        return Optional.ofNullable(owed.get(lease));
    }

    Collection<HeldLease> owed() {
        return List.copyOf(owed.values());
    }

    void answered(Lease lease) {
        owed.remove(lease);
    }

    /** Notes a sign of life that has to do with the leases. */
    void heard(long now) {
        heardNanos = now;
    }

    boolean isIdle() {
        return owed.isEmpty();
    }

    /** Tells whether it computes nothing: what it owes is computed, and waits for credit. */
    boolean canHelp() {
        return owed.values().stream().allMatch(HeldLease::isComputed);
    }

    /** Tells whether a lease is awaited, and nothing was heard of any for this long. */
    boolean isMute(long nanos, long now) {
        return now - heardNanos > nanos
                && owed.values().stream().anyMatch(held -> held.isMute(nanos, now));
    }

    int owedSamples() {
        return owed.values().stream().mapToInt(held -> held.samples).sum();
    }

    int owedShards() {
        return owed.values().stream().mapToInt(held -> held.lease.shards().size()).sum();
    }

    /** Learns the time that a lease took. */
    void observe(long nanos, int samples) {
        if (observed.size() == OBSERVATIONS_MAX) {
            observed.remove();
        }
        observed.add((double) Math.max(1, nanos) / Math.max(1, samples));
        pace =
                OptionalDouble.of(
                        AdaptiveDeadline.median(
                                observed.stream().mapToDouble(Double::doubleValue).toArray()));
    }

    /** Notes that a work has begun; who got nothing for long is not known any more. */
    void workBegan() {
        if (++worksUntried > WORKS_UNTRIED_MAX) {
            observed.clear();
            pace = OptionalDouble.empty();
            worksUntried = 0;
        }
    }

    /** Returns the median time of a sample in nanoseconds, if any was seen. */
    OptionalDouble pace() {
        return pace;
    }
}
