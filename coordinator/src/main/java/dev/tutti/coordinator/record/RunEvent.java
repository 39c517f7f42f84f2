package dev.tutti.coordinator.record;

import dev.tutti.common.average.Totals;
import dev.tutti.common.step.course.LedgerEntry;
import dev.tutti.common.step.course.StepReport;
import dev.tutti.common.step.message.Decision;
import dev.tutti.common.step.run.Part;
import dev.tutti.common.step.run.ProcessId;
import dev.tutti.common.step.run.ProcessInfo;
import dev.tutti.common.step.run.Rejection;
import dev.tutti.common.step.run.WorkerId;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** What has happened in a run, for all who observe it. */
public sealed interface RunEvent {
    /**
     * A step has been taken.
     *
     * @param collectNanos from the leases to the last contribution
     * @param applyNanos from the last contribution until the next leases were out
     * @param sentBytes that the run has sent over the network so far
     * @param receivedBytes that it has received so far
     */
    record StepTaken(
            StepReport report,
            long collectNanos,
            long applyNanos,
            long sentBytes,
            long receivedBytes)
            implements RunEvent {
        /** Returns the time from the leases to the next leases. */
        public long totalNanos() {
            return collectNanos + applyNanos;
        }
    }

    /**
     * A part of the data has been evaluated.
     *
     * @param step steps behind the weights
     */
    record Evaluated(long step, int epoch, Part part, Totals totals) implements RunEvent {}

    /** An epoch is over, and counted. */
    record EpochEnded(LedgerEntry entry) implements RunEvent {}

    /** A process has joined with its workers. */
    record MemberJoined(ProcessId process, ProcessInfo info, List<WorkerId> workers)
            implements RunEvent {}

    /** What a reader should know. */
    sealed interface Alert extends RunEvent {
        /** Returns what happened, in one line. */
        String line();
    }

    /** Workers were lost. */
    record MemberLost(ProcessId process, List<WorkerId> workers, String line) implements Alert {}

    /**
     * The run has gone back: what came after is computed again.
     *
     * @param step steps behind the weights now
     * @param counted the figures of then
     * @param firstAttempt of the leases from now on
     */
    record WentBack(long step, RunFigures counted, int firstAttempt, String line)
            implements Alert {}

    /** A process has left as it had announced. */
    record MemberLeft(ProcessId process, String line) implements Alert {}

    /** A member sent something that does not count. */
    record MessageRejected(ProcessId process, Rejection rejection) implements RunEvent {}

    /** A checkpoint is on the disk. */
    record CheckpointWritten(Path file, long nanos) implements RunEvent {}

    /** The gradients of a step have been looked at; the line says what was seen. */
    record Observed(long step, String line) implements RunEvent {}

    /**
     * Something came of an audit.
     *
     * @param step counted from 1
     */
    record Audited(Decision.Audited.Kind kind, long step, String line) implements RunEvent {
        /** Tells whether somebody computed wrong bits. */
        public boolean isAlarming() {
            return switch (kind) {
                case AUDITED, ALONE -> false;
                case DIFFERENCE, EXPELLED -> true;
            };
        }
    }

    /** Something happened that the log should have. */
    record Noted(String line) implements RunEvent {}

    /** Something else happened; the only event that may come from any thread. */
    record Warned(String line) implements Alert {}

    /** The run is over; workers are still being told, and no event follows but warnings. */
    sealed interface Ended extends RunEvent {}

    /** As planned. */
    record Completed() implements Ended {}

    /** It could not go on. */
    record Aborted(Decision.Failure kind, String reason) implements Ended {}

    /**
     * It ends here for now.
     *
     * @param failure why its last checkpoint is not there
     */
    record Stopped(long step, Optional<String> failure) implements Ended {}
}
