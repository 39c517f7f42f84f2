package dev.tutti.common.step.message;

import dev.tutti.common.step.run.ProcessId;

/** Something that happened to the coordinator. */
public sealed interface MembersEvent {
    /**
     * A process opened a stream and sent its first message.
     *
     * @param process the number it gets; never used before
     */
    record Joined(ProcessId process, ToCoordinator.Join join) implements MembersEvent {}

    /** A member sent a message. */
    record Received(ProcessId process, ToCoordinator message) implements MembersEvent {}

    /** A member sent a heartbeat. */
    record Beat(ProcessId process) implements MembersEvent {}

    /**
     * A member's stream ended.
     *
     * @param reason one line
     */
    record Left(ProcessId process, String reason) implements MembersEvent {}

    /** Time passed; comes several times a second. */
    record TimePassed() implements MembersEvent {}
}
