package dev.tutti.proto.access;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.net.SocketAddress;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/**
 * Admission of connections to a server. A connection waits here until its peer has joined. While it
 * waits it gets little: little time, few bytes, one place of a limited number. So strangers cannot
 * use up the memory that members need. If too many wait, the gate closes the connection that has
 * waited longest; a peer that wants to join has joined by then.
 */
public final class Gate {
    /** Most connections of a server. */
    static final int CONNECTIONS_MAX = 8_192;

    /** Most connections that have not joined. */
    static final int WAITING_MAX = 256;

    /** Longest time until a connection has joined. */
    static final int WAIT_MILLIS_MAX = 10_000;

    /** Most bytes that a connection may send before it has joined; a join takes a few hundred. */
    static final int WAITING_BYTES_MAX = 1 << 18;

    private final Optional<Certificates> certificates;
    private final Consumer<Refusal> refusals;
    private final AtomicInteger connections = new AtomicInteger();
    private final SequencedMap<SocketAddress, Guard> waiting = new LinkedHashMap<>();

    /**
     * Makes the door of one server.
     *
     * @param certificates those that the server shows; none if it speaks plaintext
     * @param refusals is told of every peer that is turned away, from any thread
     */
    public Gate(Optional<Certificates> certificates, Consumer<Refusal> refusals) {
        this.certificates = certificates;
        this.refusals = refusals;
    }

    /** Returns the handler that puts a guard before each connection that is accepted. */
    public ChannelHandler acceptor() {
        return new ChannelInboundHandlerAdapter() {
            @Override
            public void channelRead(ChannelHandlerContext context, Object message) {
                if (message instanceof Channel accepted && !enter(accepted)) {
                    return;
                }
                context.fireChannelRead(message);
            }
        };
    }

    private boolean enter(Channel accepted) {
        var address = accepted.remoteAddress();
        if (address == null || connections.get() >= CONNECTIONS_MAX) {
            accepted.unsafe().closeForcibly();
            if (address != null) {
                refuse(
                        address,
                        Refusal.Kind.CROWD,
                        "there are %d connections already".formatted(CONNECTIONS_MAX));
            }
            return false;
        }
        connections.incrementAndGet();
        var guard = new Guard(this, accepted, address, certificates);
        accepted.pipeline().addLast(guard);
        accepted.closeFuture().addListener(_ -> left(address, guard));
        makeRoom(address, guard);
        return true;
    }

    private void makeRoom(SocketAddress address, Guard guard) {
        var longest = Optional.<Guard>empty();
        synchronized (waiting) {
            waiting.put(address, guard);
            if (waiting.size() > WAITING_MAX) {
                longest = Optional.ofNullable(waiting.pollFirstEntry()).map(Map.Entry::getValue);
            }
        }
        longest.ifPresent(late ->
                late.close(
                        Refusal.Kind.CROWD,
                        "more than %d connections have not joined".formatted(WAITING_MAX)));
    }

    private void left(SocketAddress address, Guard guard) {
        connections.decrementAndGet();
        synchronized (waiting) {
            waiting.remove(address, guard);
        }
    }

    /** The peer at this address is a member: its connection may stay. */
    void admit(SocketAddress address) {
        Guard guard;
        synchronized (waiting) {
            guard = waiting.remove(address);
        }
        if (guard != null) {
            guard.leave();
        }
    }

    void refuse(SocketAddress address, Refusal.Kind kind, String detail) {
        refusals.accept(new Refusal(Hosts.hostOf(address), kind, detail));
    }
}
