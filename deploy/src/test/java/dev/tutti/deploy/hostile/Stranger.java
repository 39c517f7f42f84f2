package dev.tutti.deploy.hostile;

import com.google.protobuf.ByteString;
import dev.tutti.common.step.run.Protocol;
import dev.tutti.proto.v1.BeatRequest;
import dev.tutti.proto.v1.Contribution;
import dev.tutti.proto.v1.Evaluated;
import dev.tutti.proto.v1.Failed;
import dev.tutti.proto.v1.FetchDataRequest;
import dev.tutti.proto.v1.Join;
import dev.tutti.proto.v1.Lease;
import dev.tutti.proto.v1.Totals;
import dev.tutti.proto.v1.TrainingGrpc;
import dev.tutti.proto.v1.WorkerFrame;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.netty.NettyChannelBuilder;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.SplittableRandom;

/** Sends a coordinator what no worker sends, as a seed says. An instance serves one thread. */
final class Stranger implements AutoCloseable {
    private static final byte[] PREFACE =
            "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
    private static final int OPEN_MAX = 100;
    private static final int CALLS_OF_A_CHANNEL = 25;

    /** The calls of the service, with messages as bare bytes. */
    private static final MethodDescriptor<byte[], byte[]> CONNECT =
            raw(TrainingGrpc.getConnectMethod(), MethodDescriptor.MethodType.BIDI_STREAMING);

    private static final MethodDescriptor<byte[], byte[]> BEAT =
            raw(TrainingGrpc.getBeatMethod(), MethodDescriptor.MethodType.BIDI_STREAMING);
    private static final MethodDescriptor<byte[], byte[]> FETCH =
            raw(TrainingGrpc.getFetchDataMethod(), MethodDescriptor.MethodType.SERVER_STREAMING);

    private final int port;
    private final Deque<Socket> open = new ArrayDeque<>();
    private ManagedChannel channel;
    private int calls;

    Stranger(int port) {
        this.port = port;
        this.channel = channel();
    }

    /** Attacks once. */
    void attack(SplittableRandom random) {
        switch (random.nextInt(12)) {
            case 0 -> send(random, bytes(random, random.nextInt(4096)));
            case 1 -> send(random, text("GET / HTTP/1.1\r\nHost: x\r\n\r\n"));
            case 2 -> send(random, joined(PREFACE, frames(random)));
            case 3 -> send(random, joined(PREFACE, settings(), frames(random)));
            case 4 -> send(random, hello(random));
            case 5 -> halfOpen(random);
            case 6 -> stream(random, bytes(random, random.nextInt(2000)));
            case 7 -> stream(random, mutated(random, frame(random).toByteArray()));
            case 8 -> stream(random, frame(random).toByteArray());
            case 9 -> member(random);
            case 10 -> call(BEAT, bytesOf(random));
            default ->
                    call(
                            FETCH,
                            FetchDataRequest.newBuilder()
                                    .setDigest("../".repeat(random.nextInt(20)))
                                    .build()
                                    .toByteArray());
        }
    }

    @Override
    public void close() {
        channel.shutdownNow();
        open.forEach(Stranger::close);
    }

    // ---- bare sockets

    private void send(SplittableRandom random, byte[] bytes) {
        try (var socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout(2000);
            var cut = random.nextInt(4) == 0 ? random.nextInt(bytes.length + 1) : bytes.length;
            socket.getOutputStream().write(bytes, 0, cut);
            if (random.nextBoolean()) {
                var _ = socket.getInputStream().read(new byte[512]);
            }
        } catch (IOException _) {
            // Turned away, as it should be.
        }
    }

    private void halfOpen(SplittableRandom random) {
        try {
            var socket = new Socket(InetAddress.getLoopbackAddress(), port);
            open.add(socket);
            socket.getOutputStream().write(PREFACE, 0, random.nextInt(PREFACE.length));
        } catch (IOException _) {
            // Turned away, as it should be.
        }
        if (open.size() > OPEN_MAX) {
            close(open.remove());
        }
    }

    /** HTTP/2 frames with lengths that lie, of any type, on any stream. */
    private static byte[] frames(SplittableRandom random) {
        var out = new ByteArrayOutputStream();
        for (var i = random.nextInt(5); i >= 0; i--) {
            var said = random.nextInt(3) == 0 ? 0xffffff : random.nextInt(64);
            out.write(said >> 16);
            out.write(said >> 8);
            out.write(said);
            out.write(random.nextInt(12));
            out.write(random.nextInt(256));
            out.writeBytes(bytes(random, 4));
            out.writeBytes(bytes(random, Math.min(said, random.nextInt(64))));
        }
        return out.toByteArray();
    }

    private static byte[] settings() {
        return new byte[] {0, 0, 0, 4, 0, 0, 0, 0, 0};
    }

    private static byte[] hello(SplittableRandom random) {
        return joined(new byte[] {0x16, 3, 1, 2, 0, 1}, bytes(random, random.nextInt(600)));
    }

    // ---- calls

    private void stream(SplittableRandom random, byte[] first) {
        var call = start(CONNECT);
        call.sendMessage(first);
        if (random.nextBoolean()) {
            call.halfClose();
        } else if (random.nextBoolean()) {
            call.cancel("so there", null);
        }
    }

    /** Joins in form, and then lies; it is never ready, so it gets no lease of its own. */
    private void member(SplittableRandom random) {
        var call = start(CONNECT);
        call.sendMessage(WorkerFrame.newBuilder().setJoin(join()).build().toByteArray());
        for (var i = random.nextInt(4); i >= 0; i--) {
            call.sendMessage(frame(random).toByteArray());
        }
        call.cancel("enough", null);
    }

    private void call(MethodDescriptor<byte[], byte[]> method, byte[] request) {
        var call = start(method);
        call.sendMessage(request);
        call.halfClose();
    }

    private ClientCall<byte[], byte[]> start(MethodDescriptor<byte[], byte[]> method) {
        if (++calls % CALLS_OF_A_CHANNEL == 0) {
            channel.shutdownNow();
            channel = channel();
        }
        var call = channel.newCall(method, CallOptions.DEFAULT);
        call.start(new ClientCall.Listener<>() {}, new Metadata());
        call.request(10);
        return call;
    }

    private static byte[] bytesOf(SplittableRandom random) {
        return random.nextInt(4) == 0
                ? bytes(random, random.nextInt(40))
                : BeatRequest.newBuilder().setProcess(random.nextInt(50)).build().toByteArray();
    }

    private static WorkerFrame frame(SplittableRandom random) {
        var frame = WorkerFrame.newBuilder();
        switch (random.nextInt(6)) {
            case 0 -> frame.setJoin(badJoin(random));
            case 1 -> frame.getReadyBuilder();
            case 2 ->
                    frame.setContribution(
                                    Contribution.newBuilder()
                                            .setLease(lease(random))
                                            .setTotals(totals(random))
                                            .setOffset(random.nextLong() >> random.nextInt(64))
                                            .setCrc(random.nextInt()))
                            .setPayload(
                                    ByteString.copyFrom(bytes(random, random.nextInt(1 << 14))));
            case 3 ->
                    frame.setEvaluated(
                            Evaluated.newBuilder()
                                    .setLease(lease(random))
                                    .setTotals(totals(random)));
            case 4 ->
                    frame.setFailed(
                            Failed.newBuilder().setLease(lease(random)).setReason(text(random)));
            default -> frame.setPayload(ByteString.copyFrom(bytes(random, random.nextInt(4096))));
        }
        return frame.build();
    }

    private static Join join() {
        return Join.newBuilder()
                .setProtocol(Protocol.VERSION)
                .setWorkers(1)
                .setHost("stranger")
                .setKernel("plain")
                .setFingerprint("f00d")
                .build();
    }

    private static Join badJoin(SplittableRandom random) {
        var join = join().toBuilder();
        switch (random.nextInt(4)) {
            case 0 -> join.setProtocol(random.nextInt());
            case 1 -> join.setWorkers(random.nextInt() & ~1);
            case 2 -> join.setHost(text(random) + "x".repeat(300));
            default -> join.setFingerprint("\u001b[31m" + "f".repeat(1 << 20));
        }
        return join.build();
    }

    private static String text(SplittableRandom random) {
        return "because\n\u001b[2J".repeat(random.nextInt(1 << random.nextInt(17)));
    }

    private static Lease lease(SplittableRandom random) {
        return Lease.newBuilder()
                .setStep(random.nextInt(60))
                .setPartValue(random.nextInt(4))
                .setFromShard(random.nextInt(4))
                .setToShard(random.nextInt(6))
                .setAttempt(random.nextInt(3))
                .setWorker(random.nextInt(8))
                .build();
    }

    private static Totals totals(SplittableRandom random) {
        return Totals.newBuilder()
                .setSamples(random.nextInt())
                .setLoss(random.nextBoolean() ? Double.NaN : random.nextDouble())
                .setCorrect(random.nextInt())
                .setSampleHash(random.nextLong())
                .build();
    }

    private static byte[] mutated(SplittableRandom random, byte[] bytes) {
        for (var i = random.nextInt(8); i >= 0 && bytes.length > 0; i--) {
            bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
        }
        return bytes;
    }

    private static byte[] bytes(SplittableRandom random, int count) {
        var bytes = new byte[count];
        random.nextBytes(bytes);
        return bytes;
    }

    private static byte[] text(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private static byte[] joined(byte[]... parts) {
        var out = new ByteArrayOutputStream();
        for (var part : parts) {
            out.writeBytes(part);
        }
        return out.toByteArray();
    }

    private ManagedChannel channel() {
        return NettyChannelBuilder.forAddress("127.0.0.1", port)
                .usePlaintext()
                .directExecutor()
                .build();
    }

    private static void close(Socket socket) {
        try {
            socket.close();
        } catch (IOException _) {
            // It is gone either way.
        }
    }

    private static MethodDescriptor<byte[], byte[]> raw(
            MethodDescriptor<?, ?> method, MethodDescriptor.MethodType type) {
        return MethodDescriptor.<byte[], byte[]>newBuilder()
                .setType(type)
                .setFullMethodName(method.getFullMethodName())
                .setRequestMarshaller(new Bare())
                .setResponseMarshaller(new Bare())
                .build();
    }

    private record Bare() implements MethodDescriptor.Marshaller<byte[]> {
        @Override
        public InputStream stream(byte[] bytes) {
            return new ByteArrayInputStream(bytes);
        }

        @Override
        public byte[] parse(InputStream stream) {
            try {
                return stream.readAllBytes();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
