package dev.tutti.worker;

import dev.tutti.common.step.message.ToWorker;
import io.grpc.Status;

/**
 * What {@link CoordinatorStream} and {@link Heartbeat} tell the actor that owns them. Each carries
 * the number of the session it belongs to.
 */
public sealed interface ClientStreamEvent {
    /** Returns the session. */
    int session();

    /** The coordinator sent a message. */
    record Received(int session, ToWorker message) implements ClientStreamEvent {}

    /** The stream can take more. */
    record Ready(int session) implements ClientStreamEvent {}

    /** The stream ended. */
    record Ended(int session, Status status) implements ClientStreamEvent {}

    /** The coordinator does not count this process among its members any more. */
    record NotMember(int session) implements ClientStreamEvent {}
}
