package dev.tutti.coordinator.stream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.common.step.message.ToCoordinator;
import dev.tutti.common.step.run.ProcessInfo;
import dev.tutti.common.step.run.Protocol;
import dev.tutti.common.step.run.Rejection;
import dev.tutti.proto.Carrier;
import dev.tutti.proto.Frame;
import dev.tutti.proto.TrainingCalls;
import dev.tutti.proto.Transport;
import dev.tutti.proto.Wire;
import dev.tutti.proto.v1.BeatAnswer;
import dev.tutti.proto.v1.BeatRequest;
import dev.tutti.proto.v1.CoordinatorFrame;
import dev.tutti.proto.v1.TrainingGrpc;
import dev.tutti.proto.v1.WorkerFrame;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.ServerStreamTracer;
import io.grpc.Status;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a process sends while the actor has not dealt yet with what it sent before. */
class TrainingServiceTest {
    private static final int WAIT_SECONDS = 20;

    private final BlockingQueue<ServerStreamEvent> events = new LinkedBlockingQueue<>();
    private final ExecutorService executor = Executors.newSingleThreadExecutor();
    private final Server server;
    private final ManagedChannel channel;

    TrainingServiceTest() throws IOException {
        server = serve();
        channel = new Transport.Network("127.0.0.1", server.getPort()).connect();
    }

    @AfterEach
    void stop() {
        channel.shutdownNow();
        server.shutdownNow();
        executor.shutdownNow();
    }

    @Test
    void aProcessThatJoinsAndSendsNonsenseAtOnceCanStillBeRefused() throws Exception {
        var ended = new CompletableFuture<Status>();
        var call = join(ended::complete);
        call.onNext(new Frame<>(WorkerFrame.getDefaultInstance(), Frame.NO_PAYLOAD));
        var joined = next(ServerStreamEvent.Joined.class);
        next(ServerStreamEvent.Malformed.class);
        // The actor comes to the join only now.
        joined.stream().refuse(new Rejection(Rejection.Kind.QUARANTINED, "it failed before"));
        var status = ended.orTimeout(WAIT_SECONDS, TimeUnit.SECONDS).join();
        assertThat(status.getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
        assertThat(joined.stream().isEnded()).isTrue();
    }

    @Test
    void onlyAMembersOwnHeartbeatCounts() throws Exception {
        var denials = new LinkedBlockingQueue<BeatAnswer>();
        var beats = TrainingGrpc.newStub(channel).beat(observer(denials::add, _ -> {}));
        beats.onNext(BeatRequest.newBuilder().setProcess(0).build());
        assertThat(denials.poll(WAIT_SECONDS, TimeUnit.SECONDS)).isNotNull();
        join(_ -> {});
        var process = next(ServerStreamEvent.Joined.class).process();
        beats.onNext(BeatRequest.newBuilder().setProcess(process.number()).build());
        assertThat(next(ServerStreamEvent.Beat.class).process()).isEqualTo(process);
        assertThat(denials).isEmpty();
        beats.onNext(BeatRequest.newBuilder().setProcess(process.number() + 1).build());
        assertThat(denials.poll(WAIT_SECONDS, TimeUnit.SECONDS)).isNotNull();
    }

    private StreamObserver<Frame<WorkerFrame>> join(Consumer<Status> ended) {
        var call =
                ClientCalls.asyncBidiStreamingCall(
                        channel.newCall(TrainingCalls.CONNECT, CallOptions.DEFAULT),
                        observer((Frame<CoordinatorFrame> _) -> {}, ended));
        var info = new ProcessInfo(1, "here", 1, "plain", "f00d");
        call.onNext(Wire.inline().toFrame(new ToCoordinator.Join(Protocol.VERSION, info)));
        return call;
    }

    private Server serve() throws IOException {
        var transport = new Transport.Network("127.0.0.1", 0, Carrier.INLINE);
        var service =
                new TrainingService(
                        events::add,
                        Optional::empty,
                        new AtomicInteger(),
                        new AtomicInteger(),
                        transport,
                        Optional.empty());
        return transport.serve(
                service.definition(),
                executor,
                new ServerStreamTracer.Factory() {
                    @Override
                    public ServerStreamTracer newServerStreamTracer(
                            String method, io.grpc.Metadata headers) {
                        return new ServerStreamTracer() {};
                    }
                },
                _ -> {});
    }

    private static <T> StreamObserver<T> observer(Consumer<T> received, Consumer<Status> ended) {
        return new StreamObserver<>() {
            @Override
            public void onNext(T message) {
                received.accept(message);
            }

            @Override
            public void onError(Throwable cause) {
                ended.accept(Status.fromThrowable(cause));
            }

            @Override
            public void onCompleted() {
                ended.accept(Status.OK);
            }
        };
    }

    /** Waits for an event of this kind; others before it are passed over. */
    private <E extends ServerStreamEvent> E next(Class<E> kind) throws InterruptedException {
        while (true) {
            var event = events.poll(WAIT_SECONDS, TimeUnit.SECONDS);
            if (event == null) {
                throw new AssertionError("no " + kind.getSimpleName());
            }
            if (kind.isInstance(event)) {
                return kind.cast(event);
            }
        }
    }
}
