package dev.tutti.worker;

import dev.tutti.common.step.ToCoordinator;
import dev.tutti.proto.Frame;
import dev.tutti.proto.TrainingCalls;
import dev.tutti.proto.Wire;
import dev.tutti.proto.WireException;
import dev.tutti.proto.v1.CoordinatorFrame;
import dev.tutti.proto.v1.WorkerFrame;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.ClientResponseObserver;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Consumer;

/**
 * One connection to the coordinator: what arrives goes to the actor as commands, what is to be sent
 * waits until the transport can take it. The outbound side is owned by the actor.
 */
public final class CoordinatorStream {
    /** Messages that may be on their way to the actor. */
    private static final int IN_FLIGHT_MAX = 16;

    private final int session;
    private final Consumer<StreamEvent> actor;
    private final boolean inPlace;
    private final Wire wire;
    private final Deque<ToCoordinator> queue = new ArrayDeque<>();
    private final ClientCallStreamObserver<Frame<WorkerFrame>> out;
    private boolean ended;

    /**
     * Opens the stream; everything that comes of it reaches the actor with the session's number.
     */
    public CoordinatorStream(
            ManagedChannel channel, boolean inPlace, int session, Consumer<StreamEvent> actor) {
        this.session = session;
        this.actor = actor;
        this.inPlace = inPlace;
        this.wire = new Wire(!inPlace);
        this.out =
                (ClientCallStreamObserver<Frame<WorkerFrame>>)
                        ClientCalls.asyncBidiStreamingCall(
                                channel.newCall(TrainingCalls.CONNECT, CallOptions.DEFAULT),
                                new Inbound());
    }

    /** Queues a message, and sends what the transport takes. */
    public void send(ToCoordinator message) {
        queue.add(message);
        drain();
    }

    /** Sends what the transport takes. */
    public void drain() {
        while (!ended && !queue.isEmpty() && out.isReady()) {
            var message = queue.remove();
            out.onNext(wire.toFrame(message));
            if (!inPlace) {
                release(message);
            }
        }
    }

    /** Lets the transport hand over one more message. */
    public void requestNext() {
        if (!ended) {
            out.request(1);
        }
    }

    /** Ends the stream from this side. */
    public void close() {
        if (!ended) {
            ended = true;
            queue.forEach(CoordinatorStream::release);
            queue.clear();
            out.onCompleted();
        }
    }

    /** The stream is over; what waits will not be sent. */
    void abandon() {
        ended = true;
        queue.forEach(CoordinatorStream::release);
        queue.clear();
    }

    private static void release(ToCoordinator message) {
        if (message instanceof ToCoordinator.Contribution contribution) {
            contribution.values().release();
        }
    }

    private final class Inbound
            implements ClientResponseObserver<Frame<WorkerFrame>, Frame<CoordinatorFrame>> {
        @Override
        public void beforeStart(ClientCallStreamObserver<Frame<WorkerFrame>> requests) {
            requests.disableAutoRequestWithInitial(IN_FLIGHT_MAX);
            requests.setOnReadyHandler(() -> actor.accept(new StreamEvent.Ready(session)));
        }

        @Override
        public void onNext(Frame<CoordinatorFrame> frame) {
            try {
                actor.accept(new StreamEvent.Received(session, wire.fromCoordinator(frame)));
            } catch (WireException e) {
                broken(
                        Status.INVALID_ARGUMENT.withDescription(
                                "the coordinator sent what none sends: " + e.getMessage()));
            }
        }

        @Override
        public void onError(Throwable cause) {
            broken(Status.fromThrowable(cause));
        }

        @Override
        public void onCompleted() {
            broken(Status.OK);
        }

        private void broken(Status status) {
            actor.accept(new StreamEvent.Ended(session, status));
        }
    }
}
