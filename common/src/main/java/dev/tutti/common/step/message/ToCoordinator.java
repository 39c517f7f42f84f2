package dev.tutti.common.step.message;

import dev.tutti.common.average.Payload;
import dev.tutti.common.average.Totals;
import dev.tutti.common.average.batch.BatchStatistics;
import dev.tutti.common.step.run.Lease;
import dev.tutti.common.step.run.ProcessInfo;
import java.util.List;

/** What a worker process sends on its stream. */
public sealed interface ToCoordinator {
    /**
     * The first message: asks for membership.
     *
     * @param protocol version of the protocol
     * @param info who asks
     */
    record Join(int protocol, ProcessInfo info) implements ToCoordinator {}

    /**
     * The data is there: leases are welcome. A relay says so again when its members change.
     *
     * @param workers that compute behind this stream; 0: no leases for now
     * @param levels of relays between this stream and the farthest of them; 0 for a worker process
     */
    record Ready(int workers, int levels) implements ToCoordinator {}

    /**
     * A chunk of the gradient sum, or all of it, over a lease's shards, with the totals of the
     * whole lease.
     *
     * @param lease whose result it is
     * @param totals of all samples of the lease
     * @param computeNanos time the computation took; 0 while it goes on
     * @param offset first float
     * @param values the floats
     */
    record Contribution(Lease lease, Totals totals, long computeNanos, long offset, Payload values)
            implements ToCoordinator {
        /** Tells whether the rest of the lease is still being computed. */
        public boolean isEarly() {
            return computeNanos == 0;
        }
    }

    /**
     * A part of a compressed gradient of one shard, in place of a contribution.
     *
     * @param lease on one shard
     * @param totals of all samples of the lease
     * @param computeNanos time the computation took
     * @param bytes of its code
     */
    record Coded(Lease lease, Totals totals, long computeNanos, Stretch bytes)
            implements ToCoordinator {
        /** Returns the parts of a code, in their order: at least one. */
        public static List<Coded> parts(
                Lease lease, Totals totals, long computeNanos, byte[] code) {
            return Stretch.of(code).stream()
                    .map(stretch -> new Coded(lease, totals, computeNanos, stretch))
                    .toList();
        }
    }

    /**
     * A part of what a virtual worker keeps, which the coordinator has asked for.
     *
     * @param part of its bytes
     */
    record State(StatePart part) implements ToCoordinator {}

    /**
     * The result of a lease that evaluates or measures.
     *
     * @param lease whose result it is
     * @param totals of all its samples; of one that measures, without a loss
     * @param statistics that a layer asks of the batch, none unless the lease measures
     * @param computeNanos time the computation took
     */
    record Evaluated(Lease lease, Totals totals, BatchStatistics statistics, long computeNanos)
            implements ToCoordinator {}

    /**
     * A lease that could not be computed.
     *
     * @param lease which
     * @param notFinite whether what was computed was NaN or infinite, which a relay may find
     * @param reason one line
     */
    record Failed(Lease lease, boolean notFinite, String reason) implements ToCoordinator {}

    /**
     * A lease whose result will not come: it was revoked, or the process is leaving.
     *
     * @param lease which
     */
    record Returned(Lease lease) implements ToCoordinator {}

    /**
     * The process wants to leave: it finishes what it has begun, and is to be given nothing more.
     *
     * @param reason one line
     */
    record Leaving(String reason) implements ToCoordinator {}
}
