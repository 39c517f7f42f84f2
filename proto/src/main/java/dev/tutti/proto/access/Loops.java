package dev.tutti.proto.access;

import dev.tutti.proto.life.ProcessPart;
import dev.tutti.proto.life.Threads;
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
import java.util.concurrent.ThreadFactory;

/**
 * The sockets of a server and the threads that serve them; they are the same for all servers of a
 * process, as they are for all channels within gRPC.
 */
public final class Loops {
    /** Accepts connections. */
    public static final EventLoopGroup ACCEPTING = group(ProcessPart.ACCEPTING, 1);

    /** Reads and writes; as many threads as there are processors. */
    public static final EventLoopGroup SERVING =
            group(ProcessPart.SERVING, Runtime.getRuntime().availableProcessors());

    private Loops() {}

    /** Returns a listening socket with the gate before all that it accepts. */
    public static ServerChannel listeningBehind(Gate gate) {
        var channel =
                Epoll.isAvailable() ? new EpollServerSocketChannel() : new NioServerSocketChannel();
        channel.pipeline().addLast(gate.acceptor());
        return channel;
    }

    private static EventLoopGroup group(ProcessPart part, int threads) {
        var named = new DefaultThreadFactory(part.text(), true);
        ThreadFactory lasting = task -> named.newThread(Threads.lasting(part, task));
        return new MultiThreadIoEventLoopGroup(threads, lasting, factory());
    }

    private static IoHandlerFactory factory() {
        return Epoll.isAvailable() ? EpollIoHandler.newFactory() : NioIoHandler.newFactory();
    }
}
