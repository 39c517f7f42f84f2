package dev.tutti.worker;

import dev.tutti.common.step.message.ToCoordinator;
import dev.tutti.common.step.message.ToWorker;
import dev.tutti.common.step.run.ProcessInfo;
import dev.tutti.common.step.run.Protocol;
import dev.tutti.proto.Transport;
import dev.tutti.proto.shared.WorkerLane;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A process's way up to its coordinator, one session at a time. A session is a connection with a
 * stream, a second connection with the heartbeats once the process is a member, and a number; what
 * comes of an earlier one counts no more. Belongs to one actor.
 *
 * <p>Each session has connections of its own. The one before may have ended since its connection
 * was dead, which a side that only waits learns late.
 *
 * <p>Between two sessions nothing is sent, and nothing is there to be taken.
 */
public final class Uplink implements AutoCloseable {
    /** The logger of what the user is to see: what this process waits for. */
    public static final String NOTICES = "dev.tutti.notices";

    private static final Logger LOG = LoggerFactory.getLogger(Uplink.class);
    private static final Logger NOTICE = LoggerFactory.getLogger(NOTICES);

    /** An answer that takes longer is waited for aloud. */
    static final Duration QUIET = Duration.ofSeconds(3);

    private final Transport transport;
    private final Duration patience;
    private final Consumer<ClientStreamEvent> actor;
    private final SendFaults sendFaults;
    private final Reconnection reconnection;
    private int session;
    private @Nullable ManagedChannel connection;

    /** That of the session before: what was sent at its end may be under way. */
    private @Nullable ManagedChannel retired;

    private boolean waitIsTold;
    private boolean isAnswered;
    private long joinedNanos;
    private @Nullable CoordinatorStream stream;
    private @Nullable Heartbeat heartbeat;

    /**
     * Makes one without a session.
     *
     * @param patience how long to try to reach a coordinator that does not answer
     * @param actor is told what comes of a session
     */
    public Uplink(Transport transport, Duration patience, Consumer<ClientStreamEvent> actor) {
        this(transport, patience, actor, SendFaults.NONE);
    }

    Uplink(
            Transport transport,
            Duration patience,
            Consumer<ClientStreamEvent> actor,
            SendFaults sendFaults) {
        this.transport = transport;
        this.patience = patience;
        this.actor = actor;
        this.sendFaults = sendFaults;
        this.reconnection =
                new Reconnection(
                        patience,
                        transport.address(),
                        transport.access(),
                        ThreadLocalRandom.current(),
                        System.nanoTime());
    }

    /** Returns the connection that the stream takes, for other calls of the session. */
    public ManagedChannel channel() {
        return Objects.requireNonNull(connection, "there is no session");
    }

    /** Returns the number of the session, or of the pause between two. */
    public int session() {
        return session;
    }

    /**
     * Tells whether an event is of the session at hand; gives back the memory of one that is not.
     */
    public boolean accepts(ClientStreamEvent event) {
        var current = event.session() == session;
        if (!current
                && event
                        instanceof
                        ClientStreamEvent.Received(_, ToWorker.Weights(_, _, var values))) {
            values.release();
        }
        return current;
    }

    // ---- the course of a session

    /** Begins a session: opens a stream and asks to join. */
    public void join(ProcessInfo info) {
        session++;
        isAnswered = false;
        joinedNanos = System.nanoTime();
        connection = transport.connect();
        stream = new CoordinatorStream(connection, transport, session, actor, sendFaults);
        stream.send(new ToCoordinator.Join(Protocol.VERSION, info));
    }

    /** Tells whether a session has begun and not ended. */
    public boolean isOpen() {
        return stream != null;
    }

    /** Begins to show the coordinator that this process is alive. */
    public void beat(ToWorker.Welcome welcome) {
        heartbeat =
                new Heartbeat(
                        transport::connect, welcome.process(), session, welcome.limits(), actor);
    }

    /**
     * Says, once, what this process waits for, if the session has begun a while ago and nothing has
     * come of it: the other side does not answer, or is itself waiting.
     */
    public void tellOfWait() {
        if (isOpen()
                && !isAnswered
                && !waitIsTold
                && System.nanoTime() - joinedNanos >= QUIET.toNanos()) {
            waitIsTold = true;
            NOTICE.info("waiting for {} to answer", transport.address());
        }
    }

    /** Notes that the coordinator has answered, and is there. */
    public void answered() {
        isAnswered = true;
        reconnection.answered(System.nanoTime());
        waitIsTold = false;
    }

    /** Ends the session from this side, if there is one. */
    public void leave() {
        if (heartbeat != null) {
            heartbeat.close();
            heartbeat = null;
        }
        if (stream != null) {
            stream.close();
            stream = null;
        }
        if (connection != null) {
            drop(retired);
            connection.shutdown();
            retired = connection;
            connection = null;
        }
        session++;
    }

    /** Decides what comes after a session that ended so; to be told once for each. */
    public Reconnection.Next after(Status status) {
        var next = reconnection.after(status, System.nanoTime());
        if (next instanceof Reconnection.Next.Retry(var pause, var why)) {
            LOG.info("connecting again in {} ms: {}", pause.toMillis(), why);
            if (!waitIsTold) {
                waitIsTold = true;
                NOTICE.info(
                        "trying {} again, for up to {} s without an answer: {}",
                        transport.address(),
                        patience.toSeconds(),
                        why);
            }
        }
        return next;
    }

    /** Ends the session and the connections. */
    @Override
    public void close() {
        leave();
        drop(retired);
    }

    private static void drop(@Nullable ManagedChannel channel) {
        if (channel != null) {
            channel.shutdownNow();
        }
    }

    // ---- the stream

    /** Queues a message, and sends what the transport takes. */
    public void send(ToCoordinator message) {
        if (stream != null) {
            stream.send(message);
        }
    }

    /** Sends what the transport takes. */
    public void drain() {
        if (stream != null) {
            stream.drain();
        }
    }

    /** Lets the transport hand over one more message. */
    public void requestNext(ToWorker taken) {
        if (stream != null) {
            stream.requestNext(taken);
        }
    }

    /** Returns the shared memory that came with the welcome, if this host has it. */
    Optional<WorkerLane> offered() {
        return stream == null ? Optional.empty() : stream.offered();
    }

    /** Takes what was offered: the coordinator's messages come through it from now on. */
    void map(WorkerLane lane) {
        if (stream != null) {
            stream.map(lane);
        }
    }

    /** Reads what is left in the lane after the stream has ended. */
    List<ToWorker> rest() {
        return stream == null ? List.of() : stream.rest();
    }
}
