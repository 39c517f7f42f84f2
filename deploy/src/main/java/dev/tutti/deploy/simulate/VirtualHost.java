package dev.tutti.deploy.simulate;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * A machine with one link and one core for what comes in. The link carries one message at a time in
 * each direction, all connections in turn; a message takes its bytes by the link's rate at the
 * sender and at the receiver, the two overlapping, and then the core for its floats.
 */
final class VirtualHost {
    /** What surrounds a payload, and all of a message without one. */
    private static final long HEADER_BYTES = 64;

    /**
     * A message on its way.
     *
     * @param payloadBytes of its payload
     * @param intakeNanos that its receiver needs to take it in
     * @param deliver what happens when it has arrived and is taken in
     */
    record Message(long payloadBytes, long intakeNanos, Runnable deliver) {
        long bytes() {
            return HEADER_BYTES + payloadBytes;
        }
    }

    /**
     * How long the parts of a machine were busy, and what its link carried.
     *
     * @param bytes both ways
     */
    record Load(long sendingNanos, long receivingNanos, long coreNanos, long bytes) {
        static final Load NONE = new Load(0, 0, 0, 0);

        Load since(Load before) {
            return new Load(
                    sendingNanos - before.sendingNanos,
                    receivingNanos - before.receivingNanos,
                    coreNanos - before.coreNanos,
                    bytes - before.bytes);
        }
    }

    /** One direction of a connection: where it leads, and what waits to be sent, if anything. */
    private record Connection(VirtualHost to, Supplier<Optional<Message>> next) {}

    private final VirtualClock clock;
    private final LinkSpeed link;
    private final List<Connection> connections = new ArrayList<>();
    private boolean sending;
    private int turn;
    private long linkFreeAt;
    private long coreFreeAt;
    private Load load = Load.NONE;

    VirtualHost(VirtualClock clock, LinkSpeed link) {
        this.clock = clock;
        this.link = link;
    }

    void connect(VirtualHost to, Supplier<Optional<Message>> next) {
        connections.add(new Connection(to, next));
    }

    /** Returns what it has done so far. */
    Load load() {
        return load;
    }

    /** Sends on if something waits and the link is free. */
    void send() {
        for (var i = 0; i < connections.size() && !sending; i++) {
            var connection = connections.get(turn);
            turn = (turn + 1) % connections.size();
            connection.next().get().ifPresent(message -> send(connection.to(), message));
        }
    }

    private void send(VirtualHost to, Message message) {
        sending = true;
        var nanos = link.nanos(message.bytes());
        load =
                new Load(
                        load.sendingNanos + nanos,
                        load.receivingNanos,
                        load.coreNanos,
                        load.bytes + message.bytes());
        clock.at(
                clock.now() + nanos,
                () -> {
                    sending = false;
                    send();
                });
        to.receive(message);
    }

    private void receive(Message message) {
        var nanos = link.nanos(message.bytes());
        load =
                new Load(
                        load.sendingNanos,
                        load.receivingNanos + nanos,
                        load.coreNanos + message.intakeNanos(),
                        load.bytes + message.bytes());
        var first = Math.max(clock.now() + link.latencyNanos(), linkFreeAt);
        linkFreeAt = first + nanos;
        coreFreeAt = Math.max(coreFreeAt, linkFreeAt) + message.intakeNanos();
        clock.at(coreFreeAt, message.deliver());
    }
}
