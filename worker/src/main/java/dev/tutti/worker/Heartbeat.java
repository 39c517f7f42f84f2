package dev.tutti.worker;

import dev.tutti.common.step.ProcessId;
import dev.tutti.proto.v1.BeatReply;
import dev.tutti.proto.v1.BeatRequest;
import dev.tutti.proto.v1.TrainingGrpc;
import io.grpc.ManagedChannel;
import io.grpc.stub.StreamObserver;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Tells the coordinator that this process is alive, on a connection that carries nothing else and a
 * thread that does nothing else: a long computation is no reason to count as dead.
 */
public final class Heartbeat implements AutoCloseable {
    private static final int DEADLINE_SECONDS = 5;

    /**
     * How long the coordinator denies the membership before that counts: the end of the stream, and
     * a farewell before it, come on another connection and may still be under way.
     */
    private static final long DENIAL_NANOS = TimeUnit.SECONDS.toNanos(2);

    private final TrainingGrpc.TrainingStub calls;
    private final BeatRequest request;
    private final int session;
    private final Consumer<StreamEvent> actor;
    private final ScheduledExecutorService timer =
            Executors.newSingleThreadScheduledExecutor(
                    Thread.ofPlatform().daemon().name("tutti-heartbeat").factory());

    // Written by the connection's one thread.
    private volatile boolean denied;
    private volatile long deniedSinceNanos;

    /** Starts to beat, at once and then every {@code beatMillis}. */
    public Heartbeat(
            ManagedChannel channel,
            ProcessId process,
            int session,
            long beatMillis,
            Consumer<StreamEvent> actor) {
        this.calls = TrainingGrpc.newStub(channel);
        this.request = BeatRequest.newBuilder().setProcess(process.number()).build();
        this.session = session;
        this.actor = actor;
        var _ = timer.scheduleAtFixedRate(this::send, 0, beatMillis, TimeUnit.MILLISECONDS);
    }

    @Override
    public void close() {
        timer.shutdownNow();
    }

    /** Sends one heartbeat; the actor hears of the answer only if it is bad news. */
    private void send() {
        calls.withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS).beat(request, new Answer());
    }

    private final class Answer implements StreamObserver<BeatReply> {
        @Override
        public void onNext(BeatReply reply) {
            if (reply.getMember()) {
                return;
            }
            var now = System.nanoTime();
            if (!denied) {
                deniedSinceNanos = now;
                denied = true;
            } else if (now - deniedSinceNanos > DENIAL_NANOS) {
                actor.accept(new StreamEvent.NotMember(session));
            }
        }

        @Override
        public void onError(Throwable cause) {
            // The stream's own end, or the coordinator's patience, decides; one lost beat does not.
        }

        @Override
        public void onCompleted() {}
    }
}
