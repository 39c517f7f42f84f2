package dev.tutti.worker;

import dev.tutti.common.step.message.ToWorker;
import io.grpc.Status;

/**
 * What {@link CoordinatorStream} and {@link Heartbeat} tell the actor that owns them. Each carries
 * the number of the session it belongs to.
 */
public sealed interface StreamEvent {
    /** Returns the session. */
    int session();

    /** The coordinator sent a message. */
    record Received(int session, ToWorker message) implements StreamEvent {}

    /** The stream can take more. */
    record Ready(int session) implements StreamEvent {}

    /** The stream ended. */
    record Ended(int session, Status status) implements StreamEvent {}

    /** The coordinator does not count this process among its members any more. */
    record NotMember(int session) implements StreamEvent {}
}
