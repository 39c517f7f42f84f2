package dev.tutti.deploy.bench.scale;

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
    /**
     * A message on its way.
     *
     * @param floats of its payload
     * @param deliver what happens when it has arrived and is taken in
     */
    record Message(long floats, Runnable deliver) {
        /** What surrounds a payload, and all of a message without one. */
        private static final long HEADER_BYTES = 64;

        long bytes() {
            return HEADER_BYTES + floats * Float.BYTES;
        }
    }

    /** One direction of a connection: where it leads, and what waits to be sent, if anything. */
    private record Connection(VirtualHost to, Supplier<Optional<Message>> next) {}

    private final VirtualClock clock;
    private final ScaleModel model;
    private final List<Connection> connections = new ArrayList<>();
    private boolean sending;
    private int turn;
    private long linkFreeAt;
    private long coreFreeAt;
    private long bytes;

    VirtualHost(VirtualClock clock, ScaleModel model) {
        this.clock = clock;
        this.model = model;
    }

    void connect(VirtualHost to, Supplier<Optional<Message>> next) {
        connections.add(new Connection(to, next));
    }

    /** Returns the bytes that its link has carried, both ways. */
    long bytes() {
        return bytes;
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
        bytes += message.bytes();
        clock.at(
                clock.now() + model.linkNanos(message.bytes()),
                () -> {
                    sending = false;
                    send();
                });
        to.receive(message);
    }

    private void receive(Message message) {
        bytes += message.bytes();
        var first = Math.max(clock.now() + model.latencyNanos(), linkFreeAt);
        linkFreeAt = first + model.linkNanos(message.bytes());
        coreFreeAt = Math.max(coreFreeAt, linkFreeAt) + model.intakeNanos(message.floats());
        clock.at(coreFreeAt, message.deliver());
    }
}
