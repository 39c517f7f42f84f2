package dev.tutti.common.step.message;

import dev.tutti.common.average.Totals;
import dev.tutti.common.step.course.LedgerEntry;
import dev.tutti.common.step.course.StepReport;
import dev.tutti.common.step.run.Part;
import dev.tutti.common.step.run.ProcessId;
import dev.tutti.common.step.run.ProcessInfo;
import dev.tutti.common.step.run.Rejection;
import dev.tutti.common.step.run.WorkerId;
import java.util.List;

/** What the coordinator's machine wants done; the shell does it in the order given. */
public sealed interface Decision {
    /** What concerns the members of a run; a relay decides it too, for its own. */
    sealed interface OfMembers extends Decision {}

    /** What is written down. It comes behind all that members wait for, who compute meanwhile. */
    sealed interface OfRecord extends Decision {}

    /** Send a message to a member. */
    record Send(ProcessId process, ToWorker message) implements OfMembers {}

    /**
     * Send the weights to a member, all chunks of them.
     *
     * @param version steps behind them
     */
    record Publish(ProcessId process, long version) implements OfMembers {}

    /** Tell that a process has joined. */
    record Admitted(ProcessId process, ProcessInfo info, List<WorkerId> workers)
            implements OfMembers {}

    /** Close a process's stream, having refused it. */
    record Refuse(ProcessId process, Rejection rejection) implements OfMembers {}

    /**
     * Close a member's stream: it counts as lost.
     *
     * @param workers whose leases move
     * @param reason one line that names it
     */
    record Drop(ProcessId process, List<WorkerId> workers, String reason) implements OfMembers {}

    /**
     * Close a member's stream once what is queued is sent: it left in order.
     *
     * @param reason one line that names it
     */
    record Depart(ProcessId process, List<WorkerId> workers, String reason) implements OfMembers {}

    /** Tell of a message that was refused and changed nothing. */
    record Rejected(ProcessId process, Rejection rejection) implements OfMembers {}

    /** Tell the reader of the log. */
    record Note(String line) implements OfMembers, OfRecord {}

    /** Tell those who watch the run. */
    record Warning(String line) implements OfMembers {}

    /**
     * A chunk of the next weights is there before the step is done. It can already be sent to a
     * process that has all of the weights before it.
     *
     * @param version steps behind it, one more than those behind the weights so far
     */
    record ChunkStepped(long version, int chunk) implements Decision {}

    /**
     * What a virtual worker kept went down with its process: the run goes back to where it was
     * saved last.
     *
     * @param reason one line
     */
    record StatesLost(String reason) implements Decision {}

    /** A step has been taken. */
    record StepTaken(StepReport report) implements OfRecord {}

    /**
     * A part of the data has been evaluated.
     *
     * @param step steps behind the weights
     * @param epoch epochs begun
     */
    record PartEvaluated(long step, int epoch, Part part, Totals totals) implements OfRecord {}

    /** An epoch is over, and counted. */
    record EpochEnded(LedgerEntry entry) implements OfRecord {}

    /**
     * Something came of an audit.
     *
     * @param step counted from 1
     * @param line that says it
     */
    record Audited(Kind kind, long step, String line) implements OfRecord {
        /** What came of it. */
        public enum Kind {
            /** Several processes have computed a shard, and its bits are known. */
            AUDITED,
            /** A shard that was to be audited was not: there is one process only. */
            ALONE,
            /** Two processes have computed other bits. */
            DIFFERENCE,
            /** A process that computed wrong bits was expelled. */
            EXPELLED
        }
    }

    /** The run is over as planned. */
    record Completed() implements OfRecord {}

    /**
     * The run cannot go on.
     *
     * @param kind why
     * @param reason one line
     */
    record Aborted(Failure kind, String reason) implements OfRecord {}

    /** Why a run cannot go on. */
    enum Failure {
        /** Nobody to compute. */
        NO_WORKERS,
        /** The gradient is NaN or infinite, and another worker found the same. */
        DIVERGED,
        /** A shard failed again and again. */
        SHARD_FAILED,
        /** Two processes compute other bits, and nobody can tell which are right. */
        DISPUTED
    }
}
