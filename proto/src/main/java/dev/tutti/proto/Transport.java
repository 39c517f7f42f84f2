package dev.tutti.proto;

import dev.tutti.proto.access.Access;
import dev.tutti.proto.access.Gate;
import dev.tutti.proto.access.Loops;
import dev.tutti.proto.access.Refusal;
import dev.tutti.proto.access.SessionHeaders;
import dev.tutti.proto.access.TokenCheck;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServerStreamTracer;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;
import io.netty.channel.ChannelOption;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * How frames travel: through a socket, or within one process. Both ends are set up here, so that
 * their limits agree.
 */
public sealed interface Transport {
    /** Returns a new connection to the coordinator. */
    ManagedChannel connect();

    /**
     * Returns a started server for the coordinator's service.
     *
     * @param executor runs the calls, but for the stream of frames, which the transport's threads
     *     serve: what takes a frame must not wait
     * @param tracer is told of the bytes of each call, if there are any
     * @param refusals is told of every peer that is turned away, from any thread
     */
    Server serve(
            ServerServiceDefinition service,
            Executor executor,
            ServerStreamTracer.Factory tracer,
            Consumer<Refusal> refusals)
            throws IOException;

    /** Returns the coordinator's address, for messages. */
    String address();

    /** Returns what a peer must show. */
    Access access();

    /** Tells whether frames are handed over as they are, their payloads in place. */
    boolean inPlace();

    /** Returns whether the ends of this transport may share memory beside it. */
    Carrier carrier();

    /**
     * TCP, with HTTP/2 keep-alive on both sides, so that a peer behind a pulled cable is noticed.
     *
     * @param host to listen on, or to connect to
     * @param port to listen on (0: a free one), or to connect to
     * @param carrier how tensors may travel
     * @param access what a peer must show
     */
    record Network(String host, int port, Carrier carrier, Access access) implements Transport {
        private static final int WINDOW_BYTES = 8 << 20;
        private static final int KEEP_ALIVE_SECONDS = 10;

        /** The system asks again at longer and longer times: a new attempt asks sooner. */
        private static final int CONNECT_MILLIS = 5_000;

        /** Longest TLS handshake. */
        private static final int HANDSHAKE_SECONDS = 5;

        /** A connection without a call for so long is closed; a worker opens it again at need. */
        private static final int IDLE_SECONDS = 60;

        /**
         * Calls of one connection, of which a worker process has two: a stream, a fetch,
         * heartbeats.
         */
        private static final int CALLS_MAX = 64;

        /** Calls that one connection may take back in a second. */
        private static final int RESETS_MAX = 200;

        /** Plaintext, open to everybody who reaches the address. */
        public Network(String host, int port) {
            this(host, port, Carrier.AUTO);
        }

        /** Plaintext, open to everybody who reaches the address. */
        public Network(String host, int port, Carrier carrier) {
            this(host, port, carrier, Access.OPEN);
        }

        /** Describes a network whose ends agree on a carrier by themselves. */
        public Network(String host, int port, Access access) {
            this(host, port, Carrier.AUTO, access);
        }

        @Override
        public ManagedChannel connect() {
            LibraryLogs.quiet();
            var channel = NettyChannelBuilder.forAddress(host, port);
            access.certificates()
                    .ifPresentOrElse(
                            certificates -> channel.sslContext(certificates.client()),
                            channel::usePlaintext);
            return channel.intercept(new SessionHeaders(access.token()))
                    .maxInboundMessageSize(FrameMarshaller.FRAME_BYTES_MAX)
                    .flowControlWindow(WINDOW_BYTES)
                    .withOption(ChannelOption.CONNECT_TIMEOUT_MILLIS, CONNECT_MILLIS)
                    .keepAliveTime(KEEP_ALIVE_SECONDS, TimeUnit.SECONDS)
                    .keepAliveTimeout(KEEP_ALIVE_SECONDS, TimeUnit.SECONDS)
                    .directExecutor()
                    .build();
        }

        @Override
        public Server serve(
                ServerServiceDefinition service,
                Executor executor,
                ServerStreamTracer.Factory tracer,
                Consumer<Refusal> refusals)
                throws IOException {
            LibraryLogs.quiet();
            var gate = new Gate(access.certificates(), refusals);
            var server = NettyServerBuilder.forAddress(new InetSocketAddress(host, port));
            access.certificates()
                    .ifPresent(certificates -> server.sslContext(certificates.server()));
            return server.channelFactory(() -> Loops.listeningBehind(gate))
                    .bossEventLoopGroup(Loops.ACCEPTING)
                    .workerEventLoopGroup(Loops.SERVING)
                    .handshakeTimeout(HANDSHAKE_SECONDS, TimeUnit.SECONDS)
                    .maxConnectionIdle(IDLE_SECONDS, TimeUnit.SECONDS)
                    .maxConcurrentCallsPerConnection(CALLS_MAX)
                    .maxRstFramesPerWindow(RESETS_MAX, 1)
                    .intercept(new TokenCheck(gate, access.token()))
                    .addService(service)
                    .executor(executor)
                    .callExecutor(new FramesDirectly())
                    .addStreamTracerFactory(tracer)
                    .maxInboundMessageSize(FrameMarshaller.FRAME_BYTES_MAX)
                    .flowControlWindow(WINDOW_BYTES)
                    .permitKeepAliveTime(KEEP_ALIVE_SECONDS / 2, TimeUnit.SECONDS)
                    .permitKeepAliveWithoutCalls(true)
                    .keepAliveTime(KEEP_ALIVE_SECONDS, TimeUnit.SECONDS)
                    .keepAliveTimeout(KEEP_ALIVE_SECONDS, TimeUnit.SECONDS)
                    .build()
                    .start();
        }

        @Override
        public String address() {
            return host + ":" + port;
        }

        @Override
        public boolean inPlace() {
            return false;
        }
    }

    /**
     * Within this JVM: the same service and the same messages, but no bytes.
     *
     * @param name of the run; a server and its channels share it
     */
    record InProcess(String name) implements Transport {
        @Override
        public ManagedChannel connect() {
            return InProcessChannelBuilder.forName(name).directExecutor().build();
        }

        @Override
        public Server serve(
                ServerServiceDefinition service,
                Executor executor,
                ServerStreamTracer.Factory tracer,
                Consumer<Refusal> refusals)
                throws IOException {
            return InProcessServerBuilder.forName(name)
                    .addService(service)
                    .directExecutor()
                    .build()
                    .start();
        }

        @Override
        public String address() {
            return name;
        }

        @Override
        public Access access() {
            return Access.OPEN;
        }

        @Override
        public boolean inPlace() {
            return true;
        }

        @Override
        public Carrier carrier() {
            return Carrier.INLINE;
        }
    }
}
