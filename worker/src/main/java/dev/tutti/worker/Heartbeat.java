package dev.tutti.worker;

import dev.tutti.common.step.run.MemberLimits;
import dev.tutti.common.step.run.ProcessId;
import dev.tutti.proto.life.ProcessPart;
import dev.tutti.proto.life.Threads;
import dev.tutti.proto.v1.BeatAnswer;
import dev.tutti.proto.v1.BeatRequest;
import dev.tutti.proto.v1.TrainingGrpc;
import io.grpc.ManagedChannel;
import io.grpc.stub.StreamObserver;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the coordinator that this process is alive, on a connection that carries nothing else and a
 * thread that does nothing else: a long computation is no reason to count as dead.
 *
 * <p>All heartbeats are messages of one call, which costs a fraction of a call for each; a call
 * that breaks is replaced at the next beat. The coordinator answers each. A connection that is not
 * answered may be dead without a word of it, as after a cut link: it is replaced by a new one,
 * before the coordinator has missed this process for as long as it allows.
 */
final class Heartbeat implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Heartbeat.class);

    /**
     * How long the coordinator denies the membership before that counts: the end of the stream, and
     * a farewell before it, come on another connection and may still be under way.
     */
    private static final long DENIAL_NANOS = TimeUnit.SECONDS.toNanos(2);

    /** Beats without an answer after which a connection is replaced, at the least. */
    private static final int UNANSWERED_MIN = 3;

    /** How far the wait for an answer may grow, for a peer that is far away or gives none. */
    private static final int WAIT_GROWTH_MAX = 8;

    private final Supplier<ManagedChannel> connections;
    private final BeatRequest request;
    private final int session;
    private final Consumer<ClientStreamEvent> actor;
    private final long waitNanosMin;
    private final ScheduledExecutorService timer =
            Executors.newSingleThreadScheduledExecutor(Threads.factory(ProcessPart.HEARTBEAT));
    private final ScheduledFuture<?> beating;

    // The timer's alone.
    private @Nullable ManagedChannel channel;
    private @Nullable Beats beats;
    private long waitNanos;

    // Written by the connection's one thread, and by the timer when it opens one.
    private volatile long answeredNanos;
    private volatile boolean answered;

    // Written by the connection's one thread.
    private volatile boolean denied;
    private volatile long deniedSinceNanos;

    /**
     * Starts to beat, at once and then as often as the run wants.
     *
     * @param connections opens one to the coordinator
     */
    Heartbeat(
            Supplier<ManagedChannel> connections,
            ProcessId process,
            int session,
            MemberLimits limits,
            Consumer<ClientStreamEvent> actor) {
        this.connections = connections;
        this.request =
                BeatRequest.newBuilder().setProcess(process.number()).setAnswer(true).build();
        this.session = session;
        this.actor = actor;
        this.waitNanosMin =
                Math.max(
                        limits.silence().min().toNanos() / 2,
                        UNANSWERED_MIN * limits.beat().toNanos());
        this.waitNanos = waitNanosMin;
        // With a delay in between: a process that was stopped has no beats to make up for.
        this.beating =
                timer.scheduleWithFixedDelay(
                        Threads.guarded(this::send),
                        0,
                        limits.beat().toNanos(),
                        TimeUnit.NANOSECONDS);
    }

    /** Sends no more; what was sent still arrives. */
    @Override
    public void close() {
        // First, since a beat after the call's end would be a failure of the timer's thread.
        beating.cancel(false);
        timer.execute(() -> {
            if (beats != null) {
                beats.end();
            }
            if (channel != null) {
                channel.shutdown();
            }
        });
        timer.shutdown();
    }

    private void send() {
        var connection = channel;
        if (connection == null || isUnanswered(System.nanoTime())) {
            connection = open(connection);
        }
        if (beats == null || beats.over) {
            beats = new Beats(TrainingGrpc.newStub(connection));
        }
        beats.send();
    }

    private boolean isUnanswered(long now) {
        if (answered) {
            waitNanos = waitNanosMin;
        }
        return now - answeredNanos > waitNanos;
    }

    /** Opens a connection, in place of one that is not answered. */
    private ManagedChannel open(@Nullable ManagedChannel unanswered) {
        if (unanswered != null) {
            LOG.info(
                    "no heartbeat was answered for {} ms: they take a new connection",
                    TimeUnit.NANOSECONDS.toMillis(waitNanos));
            unanswered.shutdownNow();
            // A new one may need longer than this: who is far away is given more each time.
            waitNanos = Math.min(2 * waitNanos, WAIT_GROWTH_MAX * waitNanosMin);
        }
        answered = false;
        answeredNanos = System.nanoTime();
        beats = null;
        var opened = connections.get();
        channel = opened;
        return opened;
    }

    /** One call; the actor hears of a lasting denial only. */
    private final class Beats implements StreamObserver<BeatAnswer> {
        private final StreamObserver<BeatRequest> requests;
        private volatile boolean over;

        Beats(TrainingGrpc.TrainingStub calls) {
            this.requests = calls.beat(this);
        }

        void send() {
            requests.onNext(request);
        }

        void end() {
            if (!over) {
                requests.onCompleted();
            }
        }

        @Override
        public void onNext(BeatAnswer answer) {
            var now = System.nanoTime();
            answeredNanos = now;
            answered = true;
            if (answer.getMember()) {
                denied = false;
            } else if (!denied) {
                deniedSinceNanos = now;
                denied = true;
            } else if (now - deniedSinceNanos > DENIAL_NANOS) {
                actor.accept(new ClientStreamEvent.NotMember(session));
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
