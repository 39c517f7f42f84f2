package dev.tutti.proto;

import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServerStreamTracer;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

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
     * @param executor runs the calls
     * @param tracer is told of the bytes of each call, if there are any
     */
    Server serve(
            ServerServiceDefinition service, Executor executor, ServerStreamTracer.Factory tracer)
            throws IOException;

    /** Returns the coordinator's address, for messages. */
    String address();

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
     */
    record Network(String host, int port, Carrier carrier) implements Transport {
        private static final int WINDOW_BYTES = 8 << 20;
        private static final int KEEP_ALIVE_SECONDS = 10;

        /** Describes a network whose ends agree on a carrier by themselves. */
        public Network(String host, int port) {
            this(host, port, Carrier.AUTO);
        }

        @Override
        public ManagedChannel connect() {
            return NettyChannelBuilder.forAddress(host, port)
                    .usePlaintext()
                    .maxInboundMessageSize(FrameMarshaller.FRAME_BYTES_MAX)
                    .flowControlWindow(WINDOW_BYTES)
                    .keepAliveTime(KEEP_ALIVE_SECONDS, TimeUnit.SECONDS)
                    .keepAliveTimeout(KEEP_ALIVE_SECONDS, TimeUnit.SECONDS)
                    .directExecutor()
                    .build();
        }

        @Override
        public Server serve(
                ServerServiceDefinition service,
                Executor executor,
                ServerStreamTracer.Factory tracer)
                throws IOException {
            return NettyServerBuilder.forAddress(new InetSocketAddress(host, port))
                    .addService(service)
                    .executor(executor)
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
                ServerStreamTracer.Factory tracer)
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
        public boolean inPlace() {
            return true;
        }

        @Override
        public Carrier carrier() {
            return Carrier.INLINE;
        }
    }
}
