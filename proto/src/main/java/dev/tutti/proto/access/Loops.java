package dev.tutti.proto.access;

import io.grpc.StatusRuntimeException;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * The sockets of a server and the threads that serve them; they are the same for all servers of a
 * process, as they are for all channels within gRPC.
 */
public final class Loops {
    /** Held, since a logger that nobody holds forgets its level. */
    private static final Logger GRPC = Logger.getLogger("io.grpc");

    /** Prints a stack for each request that is no protobuf, too, which is no defect of ours. */
    private static final Logger CALLS = Logger.getLogger("io.grpc.internal.SerializingExecutor");

    static {
        // gRPC prints stacks for what strangers send; the gate says it in one line.
        GRPC.setLevel(Level.SEVERE);
        CALLS.setFilter(entry -> !(entry.getThrown() instanceof StatusRuntimeException));
    }

    /** Accepts connections. */
    public static final EventLoopGroup ACCEPTING = group("tutti-accept", 1);

    /** Reads and writes; as many threads as there are processors. */
    public static final EventLoopGroup SERVING =
            group("tutti-io", Runtime.getRuntime().availableProcessors());

    private Loops() {}

    /** Returns a listening socket with the gate before all that it accepts. */
    public static ServerChannel listeningBehind(Gate gate) {
        var channel =
                Epoll.isAvailable() ? new EpollServerSocketChannel() : new NioServerSocketChannel();
        channel.pipeline().addLast(gate.acceptor());
        return channel;
    }

    private static EventLoopGroup group(String name, int threads) {
        return new MultiThreadIoEventLoopGroup(
                threads, new DefaultThreadFactory(name, true), factory());
    }

    private static IoHandlerFactory factory() {
        return Epoll.isAvailable() ? EpollIoHandler.newFactory() : NioIoHandler.newFactory();
    }
}
