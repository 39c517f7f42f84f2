package dev.tutti.worker;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.tutti.common.chaos.SendFault;
import dev.tutti.common.step.message.ToCoordinator;
import dev.tutti.common.step.message.ToWorker;
import dev.tutti.common.step.run.Lease;
import dev.tutti.proto.Carrier;
import dev.tutti.proto.Frame;
import dev.tutti.proto.Outbound;
import dev.tutti.proto.TrainingCalls;
import dev.tutti.proto.Transport;
import dev.tutti.proto.Wire;
import dev.tutti.proto.failure.Reason;
import dev.tutti.proto.failure.WireException;
import dev.tutti.proto.life.Threads;
import dev.tutti.proto.loop.EventLoop;
import dev.tutti.proto.shared.HostId;
import dev.tutti.proto.shared.SharedRun;
import dev.tutti.proto.shared.WorkerLane;
import dev.tutti.proto.v1.CoordinatorFrame;
import dev.tutti.proto.v1.SharedMemory;
import dev.tutti.proto.v1.WorkerFrame;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.ClientResponseObserver;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection to the coordinator: what arrives goes to the actor as commands, what is to be sent
 * waits until the transport can take it. The outbound side is owned by the actor.
 */
final class CoordinatorStream {
    private static final Logger LOG = LoggerFactory.getLogger(CoordinatorStream.class);

    /** Messages that may be on their way to the actor. */
    private static final int IN_FLIGHT_MAX = 16;

    private static final CallOptions OPTIONS =
            CallOptions.DEFAULT.withOnReadyThreshold(Outbound.READY_BYTES);

    private final int session;
    private final Consumer<ClientStreamEvent> actor;
    private final Transport transport;
    private final Deque<ToCoordinator> queue = new ArrayDeque<>();
    private final ClientCallStreamObserver<Frame<WorkerFrame>> call;
    private final Outbound<WorkerFrame> out;
    private final SendFaults sendFaults;
    private volatile @Nullable WorkerLane offered;
    private Wire wire;
    private EventLoop.@Nullable Source source;
    private @Nullable ToCoordinator corrupt;
    private boolean ended;

    /**
     * Opens the stream; everything that comes of it reaches the actor with the session's number.
     */
    CoordinatorStream(
            ManagedChannel channel,
            Transport transport,
            int session,
            Consumer<ClientStreamEvent> actor,
            SendFaults sendFaults) {
        this.sendFaults = sendFaults;
        this.session = session;
        this.actor = actor;
        this.transport = transport;
        this.wire = transport.inPlace() ? Wire.direct() : Wire.inline();
        LOG.info("connecting to {}", transport.address());
        this.call =
                (ClientCallStreamObserver<Frame<WorkerFrame>>)
                        ClientCalls.asyncBidiStreamingCall(
                                channel.newCall(TrainingCalls.CONNECT, OPTIONS), new Inbound(wire));
        this.out = new Outbound<>(call);
    }

    /** Returns the shared memory that came with the welcome, if this host has it. */
    public Optional<WorkerLane> offered() {
        return Optional.ofNullable(offered);
    }

    /** Takes what was offered: the coordinator's messages come through it from now on. */
    public void map(WorkerLane lane) {
        source = () -> poll(lane);
        EventLoop.current().add(source, lane.bell());
    }

    private boolean poll(WorkerLane lane) {
        var message = read(lane);
        message.ifPresent(this::tell);
        var waiting = queue.size();
        drain();
        return message.isPresent() || queue.size() < waiting;
    }

    private Optional<ToWorker> read(WorkerLane lane) {
        try {
            var message = lane.read();
            if (message == null) {
                return Optional.empty();
            }
            var header = CoordinatorFrame.parseFrom(message);
            return Optional.of(
                    Wire.shared(lane).fromCoordinator(new Frame<>(header, Frame.NO_PAYLOAD)));
        } catch (WireException | InvalidProtocolBufferException e) {
            unmap();
            broken(Status.DATA_LOSS.withDescription(nonsense(e)));
            return Optional.empty();
        }
    }

    /** Reads what is left in the lane after the stream has ended. */
    public List<ToWorker> rest() {
        var left = new ArrayList<ToWorker>();
        var lane = offered;
        if (source != null && lane != null) {
            for (var message = read(lane); message.isPresent(); message = read(lane)) {
                left.add(message.get());
            }
        }
        return left;
    }

    private void unmap() {
        if (source != null) {
            EventLoop.current().remove(source);
            source = null;
        }
    }

    private void tell(ToWorker message) {
        actor.accept(new ClientStreamEvent.Received(session, message));
    }

    private void broken(Status status) {
        actor.accept(new ClientStreamEvent.Ended(session, status));
    }

    private static String nonsense(Exception e) {
        return "the coordinator sent an invalid message (protocol error): " + e.getMessage();
    }

    /** Queues a message, and sends what the transport takes. */
    public void send(ToCoordinator message) {
        queue.add(message);
        switch (message) {
            case ToCoordinator.Contribution(var lease, _, _, _, _) -> strike(lease, message);
            case ToCoordinator.Coded(var lease, _, _, _) -> strike(lease, message);
            default -> {}
        }
        drain();
    }

    private void strike(Lease lease, ToCoordinator message) {
        sendFaults
                .dueFor(lease)
                .ifPresent(fault -> {
                    switch (fault) {
                        case SendFault.Duplicate _ ->
                                queue.add(FaultyFrames.copy(message, wire.lane()));
                        case SendFault.Corrupt _ -> corrupt = message;
                        case SendFault.DropLink _ -> cut();
                    }
                });
    }

    /** Breaks the connection, as a network does. */
    private void cut() {
        ended = true;
        unmap();
        queue.forEach(CoordinatorStream::release);
        queue.clear();
        call.cancel("its link was cut", null);
        broken(Status.UNAVAILABLE.withDescription("the link was cut"));
    }

    /** Sends what the transport takes. */
    public void drain() {
        while (!ended && !queue.isEmpty() && isReadyFor(queue.element())) {
            var message = queue.remove();
            var way = isBesideLane(message) ? Wire.inline() : wire;
            var frame = toFrame(message, way);
            switch (message) {
                case ToCoordinator.Join _ -> out.send(withMachine(frame));
                case ToCoordinator.Ready _ when source != null -> acceptLane(frame);
                case ToCoordinator.Contribution _, ToCoordinator.Coded _, ToCoordinator.State _
                        when isBesideLane(message) ->
                        out.sendInStream(frame);
                default -> out.send(frame);
            }
            if (way.copiesPayloads()) {
                release(message);
            }
        }
    }

    private boolean isReadyFor(ToCoordinator message) {
        return isBesideLane(message) ? out.isStreamReady() : out.isReady();
    }

    /** Tells of what shared memory had no room for. */
    private boolean isBesideLane(ToCoordinator message) {
        return wire.lane().isPresent()
                && switch (message) {
                    case ToCoordinator.Contribution contribution ->
                            wire.lane().get() instanceof WorkerLane lane
                                    && !lane.holds(contribution.values());
                    case ToCoordinator.Coded _, ToCoordinator.State _ -> true;
                    default -> false;
                };
    }

    private Frame<WorkerFrame> toFrame(ToCoordinator message, Wire way) {
        var frame = way.toFrame(message);
        return message.equals(corrupt) ? FaultyFrames.damage(frame) : frame;
    }

    /** Says which machine this is, if memory may be shared on it. */
    private Frame<WorkerFrame> withMachine(Frame<WorkerFrame> join) {
        if (transport.carrier() == Carrier.INLINE) {
            return join;
        }
        var header = join.header().toBuilder();
        header.getJoinBuilder().setMachine(HostId.current());
        return new Frame<>(header.build(), Frame.NO_PAYLOAD);
    }

    /** Says that the lane is mapped, and sends all later messages through it. */
    private void acceptLane(Frame<WorkerFrame> ready) {
        var lane = offered().orElseThrow();
        var header = ready.header().toBuilder();
        header.getReadyBuilder().setShared(true);
        out.send(new Frame<>(header.build(), Frame.NO_PAYLOAD));
        out.switchTo(lane);
        wire = Wire.shared(lane);
    }

    /** Lets the transport hand over one more message, behind this one. */
    public void requestNext(ToWorker taken) {
        if (ended) {
            return;
        }
        if (taken instanceof ToWorker.State) {
            out.requestNextInStream();
        } else {
            out.requestNext();
        }
    }

    /** Ends the stream from this side. */
    public void close() {
        if (!ended) {
            ended = true;
            unmap();
            queue.forEach(CoordinatorStream::release);
            queue.clear();
            call.onCompleted();
        }
    }

    private static void release(ToCoordinator message) {
        if (message instanceof ToCoordinator.Contribution contribution) {
            contribution.values().release();
        }
    }

    private final class Inbound
            implements ClientResponseObserver<Frame<WorkerFrame>, Frame<CoordinatorFrame>> {
        private final Wire wire;

        Inbound(Wire wire) {
            this.wire = wire;
        }

        @Override
        public void beforeStart(ClientCallStreamObserver<Frame<WorkerFrame>> requests) {
            requests.disableAutoRequestWithInitial(IN_FLIGHT_MAX);
            requests.setOnReadyHandler(() -> actor.accept(new ClientStreamEvent.Ready(session)));
        }

        @Override
        public void onNext(Frame<CoordinatorFrame> frame) {
            try {
                var header = frame.header();
                var message = wire.fromCoordinator(frame);
                if (header.getWelcome().hasShared()) {
                    look(header.getWelcome().getShared());
                }
                tell(message);
            } catch (WireException e) {
                broken(e.status().withDescription(nonsense(e)));
            }
        }

        private void look(SharedMemory offer) {
            if (transport.carrier() == Carrier.INLINE) {
                return;
            }
            try {
                offered = SharedRun.join(offer);
            } catch (IOException | IllegalArgumentException e) {
                LOG.info("no shared memory with the coordinator: {}", Reason.of(e));
            }
        }

        @Override
        public void onError(Throwable cause) {
            Threads.failedIfError(cause);
            broken(Status.fromThrowable(cause));
        }

        @Override
        public void onCompleted() {
            broken(Status.OK);
        }
    }
}
