package dev.tutti.proto.access;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.ssl.SslHandler;
import java.net.SocketAddress;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * Stands before one connection until it has joined: looks at its first bytes, counts the rest, and
 * says why a handshake failed.
 */
final class Guard extends ChannelInboundHandlerAdapter {
    /** A TLS record: fatal alert 70, another protocol version (RFC 8446, section 6). */
    private static final byte[] ALERT = {0x15, 3, 3, 0, 2, 2, 70};

    private final Gate gate;
    private final Channel channel;
    private final SocketAddress address;
    private final Optional<Certificates> certificates;
    private final byte[] first = new byte[FirstBytes.COUNT];
    private int firstCount;
    private long bytes;
    private Optional<RefusalReason> reason = Optional.empty();
    private boolean told;

    Guard(Gate gate, Channel channel, SocketAddress address, Optional<Certificates> certificates) {
        this.gate = gate;
        this.channel = channel;
        this.address = address;
        this.certificates = certificates;
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
        var deadline =
                context.executor()
                        .schedule(() -> late(context), Gate.WAIT_MILLIS_MAX, TimeUnit.MILLISECONDS);
        channel.closeFuture().addListener(_ -> deadline.cancel(false));
        context.fireChannelActive();
    }

    private void late(ChannelHandlerContext context) {
        if (!context.isRemoved()) {
            closeHere(
                    Refusal.Kind.NOT_JOINED,
                    "it did not join within %d s".formatted(Gate.WAIT_MILLIS_MAX / 1000));
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (message instanceof ByteBuf arrived) {
            if (bytes == 0) {
                watchHandshake(context);
            }
            bytes += arrived.readableBytes();
            if (isTurnedAway(arrived, context)) {
                arrived.release();
                return;
            }
            if (bytes > Gate.WAITING_BYTES_MAX) {
                arrived.release();
                closeHere(
                        Refusal.Kind.NOT_JOINED,
                        "it sent more than %d bytes before it had joined"
                                .formatted(Gate.WAITING_BYTES_MAX));
                return;
            }
        }
        context.fireChannelRead(message);
    }

    private boolean isTurnedAway(ByteBuf arrived, ChannelHandlerContext context) {
        look(arrived);
        if (reason.isEmpty() || reason.get().kind() == Refusal.Kind.TLS) {
            // gRPC's answer to a TLS hello is plaintext, and tells the peer what it met.
            return false;
        }
        if (reason.get().kind() == Refusal.Kind.PLAINTEXT) {
            var alert = context.alloc().buffer().writeBytes(ALERT);
            context.writeAndFlush(alert).addListener(ChannelFutureListener.CLOSE);
        } else {
            var _ = channel.close();
        }
        return true;
    }

    private void look(ByteBuf arrived) {
        var complete = firstCount == first.length;
        for (var i = 0; i < arrived.readableBytes() && firstCount < first.length; i++) {
            first[firstCount++] = arrived.getByte(arrived.readerIndex() + i);
        }
        if (!complete && firstCount == first.length) {
            reason = FirstBytes.reasonToRefuse(first, certificates.isPresent());
            reason.ifPresent(found -> tell(found.kind(), found.detail()));
        }
    }

    private void watchHandshake(ChannelHandlerContext context) {
        var tls = context.pipeline().get(SslHandler.class);
        if (tls == null || certificates.isEmpty()) {
            return;
        }
        tls.handshakeFuture()
                .addListener(done -> {
                    if (!done.isSuccess()) {
                        HandshakeFailure.at(
                                        done.cause(),
                                        tls.engine(),
                                        channel.localAddress(),
                                        certificates.get())
                                .ifPresent(found -> tell(found.kind(), found.detail()));
                    }
                });
    }

    /** The peer has joined: nothing stands before its bytes any more. */
    void leave() {
        channel.eventLoop()
                .execute(() -> {
                    if (channel.pipeline().context(this) != null) {
                        channel.pipeline().remove(this);
                    }
                });
    }

    /** Closes the connection, from any thread. */
    void close(Refusal.Kind kind, String detail) {
        channel.eventLoop().execute(() -> closeHere(kind, detail));
    }

    private void closeHere(Refusal.Kind kind, String detail) {
        tell(kind, detail);
        var _ = channel.close();
    }

    /** Tells of a connection once: what follows from the first reason is no news. */
    private void tell(Refusal.Kind kind, String detail) {
        if (!told) {
            told = true;
            gate.refuse(address, kind, detail);
        }
    }
}
