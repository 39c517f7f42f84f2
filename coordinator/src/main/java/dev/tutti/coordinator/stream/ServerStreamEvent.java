package dev.tutti.coordinator.stream;

import dev.tutti.common.step.message.ToCoordinator;
import dev.tutti.common.step.run.ProcessId;
import io.grpc.Status;

/** What {@link TrainingService} tells the actor that owns the streams to the members. */
public sealed interface ServerStreamEvent {
    /** A process opened a stream and asked to join. */
    record Joined(ProcessId process, ToCoordinator.Join join, WorkerStream stream)
            implements ServerStreamEvent {}

    /**
     * A process sent a message.
     *
     * @param inLane whether it came through shared memory; otherwise the stream is to be asked for
     *     the next one when this one is dealt with
     */
    record Received(ProcessId process, ToCoordinator message, boolean inLane)
            implements ServerStreamEvent {}

    /** A process has mapped the shared memory that it was offered. */
    record LaneMapped(ProcessId process) implements ServerStreamEvent {}

    /** A stream can take more. */
    record StreamReady(ProcessId process) implements ServerStreamEvent {}

    /** A stream ended. */
    record StreamEnded(ProcessId process, String reason) implements ServerStreamEvent {}

    /**
     * A process that had asked to join sent an invalid message; its stream must end with this
     * status.
     */
    record Malformed(ProcessId process, String reason, Status why) implements ServerStreamEvent {}

    /** A process is alive. */
    record Beat(ProcessId process) implements ServerStreamEvent {}
}
