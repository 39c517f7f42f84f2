package dev.tutti.common.step.message;

import dev.tutti.common.average.Payload;
import dev.tutti.common.average.batch.BatchStatistics;
import dev.tutti.common.step.run.Lease;
import dev.tutti.common.step.run.MemberLimits;
import dev.tutti.common.step.run.ProcessId;
import dev.tutti.common.step.run.RunSpec;
import dev.tutti.common.step.run.Work;
import dev.tutti.common.step.run.WorkerId;
import java.util.List;

/** What the coordinator sends on a worker process's stream. */
public sealed interface ToWorker {
    /**
     * The answer to {@link ToCoordinator.Join}.
     *
     * @param process the process's number in this run
     * @param workers the numbers of its workers
     * @param spec what to compute
     * @param limits how often to send a heartbeat, how many chunks of a contribution to send before
     *     the first {@link Credit}, and what a relay allows its own members
     */
    record Welcome(ProcessId process, List<WorkerId> workers, RunSpec spec, MemberLimits limits)
            implements ToWorker {}

    /**
     * A chunk of the weights, or all of them.
     *
     * @param version steps behind these weights
     * @param offset first float
     * @param values the floats
     */
    record Weights(long version, long offset, Payload values) implements ToWorker {}

    /**
     * A part of the code of what has changed in the weights since the version before, for who has
     * that version.
     *
     * @param version steps behind the weights that it leads to
     * @param bytes of the code; its parts come in order
     */
    record Change(long version, Stretch bytes) implements ToWorker {
        /** Returns the parts of a code, in their order: at least one. */
        public static List<Change> parts(long version, byte[] code) {
            return Stretch.of(code).stream().map(bytes -> new Change(version, bytes)).toList();
        }
    }

    /**
     * What a work has measured of the whole batch. The leases of the step's works after it come
     * behind this.
     */
    record Statistics(Work.Measure work, BatchStatistics values) implements ToWorker {}

    /** A part of what a virtual worker keeps: leases on its shard need it. */
    record State(StatePart part) implements ToWorker {}

    /**
     * Asks for what a virtual worker keeps.
     *
     * @param shard of the virtual worker
     * @param batch after which it is
     */
    record StateWanted(int shard, long batch) implements ToWorker {}

    /** Work to do. */
    record Grant(List<Lease> leases) implements ToWorker {}

    /** Work that is not wanted any more; results of it will be dropped. */
    record Revoke(List<Lease> leases) implements ToWorker {}

    /**
     * Room for more of a contribution.
     *
     * @param lease whose
     * @param chunks how many chunks of it may have been sent in all
     */
    record Credit(Lease lease, int chunks) implements ToWorker {}

    /**
     * The run is over, or the process is no longer wanted.
     *
     * @param complete whether the run reached its end
     * @param reason one line
     */
    record Goodbye(boolean complete, String reason) implements ToWorker {}
}
