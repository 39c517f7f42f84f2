package dev.tutti.worker;

import dev.tutti.common.step.ProcessId;
import dev.tutti.proto.v1.BeatDenial;
import dev.tutti.proto.v1.BeatRequest;
import dev.tutti.proto.v1.TrainingGrpc;
import io.grpc.ManagedChannel;
import io.grpc.stub.StreamObserver;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Tells the coordinator that this process is alive, on a connection that carries nothing else and a
 * thread that does nothing else: a long computation is no reason to count as dead.
 *
 * <p>All heartbeats are messages of one call, which costs a fraction of a call for each; a call
 * that breaks is replaced at the next beat.
 */
final class Heartbeat implements AutoCloseable {
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

    // The timer's alone.
    private @Nullable Beats beats;

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

    /** Sends no more; what was sent still arrives. */
    @Override
    public void close() {
        timer.execute(() -> {
            if (beats != null) {
                beats.end();
            }
        });
        timer.shutdown();
    }

    private void send() {
        if (beats == null || beats.over) {
            beats = new Beats();
        }
        beats.send();
    }

    /** One call; the actor hears of an answer only, which is bad news. */
    private final class Beats implements StreamObserver<BeatDenial> {
        private final StreamObserver<BeatRequest> requests = calls.beat(this);
        private volatile boolean over;

        void send() {
            requests.onNext(request);
        }

        void end() {
            if (!over) {
                requests.onCompleted();
            }
        }

        @Override
        public void onNext(BeatDenial denial) {
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
            over = true;
        }

        @Override
        public void onCompleted() {
            over = true;
        }
    }
}
