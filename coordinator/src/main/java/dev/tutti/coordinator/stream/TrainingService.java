package dev.tutti.coordinator.stream;

import dev.tutti.common.step.message.ToCoordinator;
import dev.tutti.common.step.run.ProcessId;
import dev.tutti.proto.Carrier;
import dev.tutti.proto.Frame;
import dev.tutti.proto.Outbound;
import dev.tutti.proto.TrainingCalls;
import dev.tutti.proto.Transport;
import dev.tutti.proto.Wire;
import dev.tutti.proto.access.Caller;
import dev.tutti.proto.failure.WireException;
import dev.tutti.proto.shared.HostId;
import dev.tutti.proto.shared.SharedRun;
import dev.tutti.proto.v1.BeatAnswer;
import dev.tutti.proto.v1.BeatRequest;
import dev.tutti.proto.v1.CoordinatorFrame;
import dev.tutti.proto.v1.DataChunk;
import dev.tutti.proto.v1.FetchDataRequest;
import dev.tutti.proto.v1.TrainingGrpc;
import dev.tutti.proto.v1.WorkerFrame;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The gRPC service: bytes in, commands to the actor out. It decides nothing but whether a message
 * is well-formed.
 */
public final class TrainingService extends TrainingGrpc.TrainingImplBase {
    /** Messages of one stream that may be on their way to the actor. */
    private static final int IN_FLIGHT_MAX = 16;

    private final Consumer<ServerStreamEvent> actor;
    private final Supplier<Optional<DataFile>> data;
    private final AtomicInteger processes;
    private final AtomicInteger networkProcesses;

    /** The members, each with what it calls itself in all its calls. */
    private final Map<Integer, String> members = new ConcurrentHashMap<>();

    private final boolean inPlace;
    private final Optional<SharedRun> shared;
    private final boolean needsShared;
    private final Wire wire;

    /**
     * Makes the service of one transport.
     *
     * @param actor is told of everything that arrives, from any thread
     * @param data returns the dataset file, once it is there
     * @param processes numbers the processes of the run, over all its transports
     * @param networkProcesses counts those that came over a network
     * @param transport whose service it is
     * @param shared the memory to offer to processes of this machine
     */
    public TrainingService(
            Consumer<ServerStreamEvent> actor,
            Supplier<Optional<DataFile>> data,
            AtomicInteger processes,
            AtomicInteger networkProcesses,
            Transport transport,
            Optional<SharedRun> shared) {
        this.actor = actor;
        this.data = data;
        this.processes = processes;
        this.networkProcesses = networkProcesses;
        this.inPlace = transport.inPlace();
        this.needsShared = transport.carrier() == Carrier.SHARED;
        this.shared = shared.filter(_ -> transport.carrier() != Carrier.INLINE);
        this.wire = inPlace ? Wire.direct() : Wire.inline();
    }

    /** Returns the service as a server takes it. */
    public ServerServiceDefinition definition() {
        return TrainingCalls.service(this::connectFrames, this);
    }

    private StreamObserver<Frame<WorkerFrame>> connectFrames(
            StreamObserver<Frame<CoordinatorFrame>> responses) {
        var out = (ServerCallStreamObserver<Frame<CoordinatorFrame>>) responses;
        var process = new ProcessId(processes.getAndIncrement());
        out.disableAutoRequest();
        out.setOnReadyThreshold(Outbound.READY_BYTES);
        out.setOnReadyHandler(() -> actor.accept(new ServerStreamEvent.StreamReady(process)));
        out.setOnCancelHandler(() -> ended(process, "its connection broke"));
        out.setOnCloseHandler(() -> ended(process, "its stream is closed"));
        out.request(1);
        return new Inbound(process, out);
    }

    private void ended(ProcessId process, String reason) {
        members.remove(process.number());
        actor.accept(new ServerStreamEvent.StreamEnded(process, reason));
    }

    @Override
    public StreamObserver<BeatRequest> beat(StreamObserver<BeatAnswer> responses) {
        return new Beats((ServerCallStreamObserver<BeatAnswer>) responses);
    }

    @Override
    public void fetchData(FetchDataRequest request, StreamObserver<DataChunk> response) {
        if (!members.containsValue(Caller.session())) {
            response.onError(
                    Status.PERMISSION_DENIED
                            .withDescription("the data is for members of the run: join first")
                            .asException());
            return;
        }
        data.get()
                .filter(file -> request.getDigest().equals(file.digest()))
                .ifPresentOrElse(
                        file -> file.sendTo((ServerCallStreamObserver<DataChunk>) response),
                        () -> response.onError(notFound(request.getDigest())));
    }

    private StatusException notFound(String digest) {
        return Status.NOT_FOUND
                .withDescription(
                        "dataset file %s asked for, %s served"
                                .formatted(digest, data.get().map(DataFile::digest).orElse("none")))
                .asException();
    }

    /** One process's heartbeats; gRPC calls it from one thread at a time. */
    private final class Beats implements StreamObserver<BeatRequest> {
        private final ServerCallStreamObserver<BeatAnswer> out;
        private final String session = Caller.session();
        private final Runnable admission = Caller.admission();

        Beats(ServerCallStreamObserver<BeatAnswer> out) {
            this.out = out;
        }

        @Override
        public void onNext(BeatRequest request) {
            // Nobody keeps a process alive but itself.
            if (session.equals(members.get(request.getProcess()))) {
                admission.run();
                actor.accept(new ServerStreamEvent.Beat(new ProcessId(request.getProcess())));
                if (request.getAnswer()) {
                    answer(true);
                }
            } else {
                answer(false);
            }
        }

        /** Keeps no answers for a peer that does not read them. */
        private void answer(boolean member) {
            if (out.isReady()) {
                out.onNext(BeatAnswer.newBuilder().setMember(member).build());
            }
        }

        @Override
        public void onError(Throwable cause) {
            // What the process does with its other connection decides.
        }

        @Override
        public void onCompleted() {
            out.onCompleted();
        }
    }

    /** One process's inbound side; gRPC calls it from one thread at a time. */
    private final class Inbound implements StreamObserver<Frame<WorkerFrame>> {
        private final ProcessId process;
        private final ServerCallStreamObserver<Frame<CoordinatorFrame>> out;
        private final String session = Caller.session();
        private final Runnable admission = Caller.admission();
        private final Consumer<String> complaint = Caller.complaint();
        private @Nullable WorkerStream stream;
        private boolean refused;

        Inbound(ProcessId process, ServerCallStreamObserver<Frame<CoordinatorFrame>> out) {
            this.process = process;
            this.out = out;
        }

        @Override
        public void onNext(Frame<WorkerFrame> frame) {
            if (refused) {
                frame.payload().release();
                return;
            }
            ToCoordinator message;
            try {
                message = wire.fromWorker(frame);
            } catch (WireException e) {
                refuse(e.status());
                return;
            }
            if (stream != null) {
                if (frame.header().getReady().getShared()) {
                    actor.accept(new ServerStreamEvent.LaneMapped(process));
                } else if (message instanceof ToCoordinator.Ready && needsShared) {
                    refuse(
                            Status.INVALID_ARGUMENT.withDescription(
                                    "this coordinator shares memory with all its workers (--carrier shared), and this process is on another host"));
                    return;
                }
                actor.accept(new ServerStreamEvent.Received(process, message, false));
            } else if (message instanceof ToCoordinator.Join join) {
                var here = isThisMachine(frame.header().getJoin().getMachine());
                stream = new WorkerStream(out, inPlace, shared.filter(_ -> here));
                members.put(process.number(), session);
                admission.run();
                networkProcesses.addAndGet(inPlace ? 0 : 1);
                actor.accept(new ServerStreamEvent.Joined(process, join, stream));
                actor.accept(new ServerStreamEvent.StreamReady(process));
                out.request(IN_FLIGHT_MAX);
            } else {
                refuse(
                        Status.INVALID_ARGUMENT.withDescription(
                                "the first message must be a join, was "
                                        + message.getClass().getSimpleName()));
            }
        }

        private static boolean isThisMachine(String machine) {
            return !machine.isEmpty() && machine.equals(HostId.current());
        }

        private void refuse(Status why) {
            var detail = "it sent an invalid message (protocol error): " + why.getDescription();
            refused = true;
            if (stream == null) {
                complaint.accept(detail);
                ended(process, detail);
                out.onError(why.asException());
            } else {
                // The stream is the actor's by now; ended here, it could be ended twice.
                members.remove(process.number());
                actor.accept(new ServerStreamEvent.Malformed(process, detail, why));
            }
        }

        @Override
        public void onError(Throwable cause) {
            ended(process, "its connection broke");
        }

        @Override
        public void onCompleted() {
            ended(process, "it closed its stream");
            if (stream == null && !refused) {
                out.onCompleted();
            }
        }
    }
}
