package dev.tutti.deploy.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.common.step.message.ToCoordinator;
import dev.tutti.common.step.run.ProcessInfo;
import dev.tutti.common.step.run.Protocol;
import dev.tutti.deploy.certs.CertificateAuthority;
import dev.tutti.deploy.certs.HostCertificate;
import dev.tutti.deploy.support.TestRun;
import dev.tutti.proto.Frame;
import dev.tutti.proto.TrainingCalls;
import dev.tutti.proto.Transport;
import dev.tutti.proto.Wire;
import dev.tutti.proto.access.Access;
import dev.tutti.proto.access.Certificates;
import dev.tutti.proto.access.ConnectFailure;
import dev.tutti.proto.access.RunToken;
import dev.tutti.proto.v1.CoordinatorFrame;
import dev.tutti.proto.v1.FetchDataRequest;
import dev.tutti.proto.v1.TrainingGrpc;
import dev.tutti.worker.WorkerOutcome;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who gets in, and what both sides say when somebody does not; over real sockets. */
class MembersTest {
    private static final List<String> HERE = List.of("localhost", "127.0.0.1");
    private static final int WAIT_SECONDS = 20;

    @TempDir Path temporary;

    @Test
    void membersOfOneAuthorityTrainTheSameBitsAsInPlaintext() throws IOException {
        var certified = certified(authority("ca"), "host", HERE);
        var plain = trained("plain", Access.OPEN);
        assertThat(trained("certified", certified)).isEqualTo(plain);
        var token = Optional.of(new RunToken("correct horse".replace(' ', '-')));
        assertThat(trained("both", new Access(certified.certificates(), token))).isEqualTo(plain);
    }

    private String trained(String name, Access access) throws IOException {
        try (var run = new TestRun(temporary.resolve(name), access, 2, "--steps", "20")) {
            var first = run.worker("127.0.0.1", access);
            var second = run.worker("localhost", access);
            var summary = run.summary();
            assertThat(outcome(first).kind()).isEqualTo(WorkerOutcome.Kind.COMPLETE);
            assertThat(outcome(second).kind()).isEqualTo(WorkerOutcome.Kind.COMPLETE);
            assertThat(run.warnings).isEmpty();
            return summary.weightsDigest();
        }
    }

    @Test
    void aNameThatIsNotInTheCertificateIsNamedOnBothSides() throws IOException {
        var authority = authority("ca");
        assertRefused(
                certified(authority, "coordinator", List.of("lab1.example.org", "localhost")),
                certified(authority, "worker", HERE),
                "127.0.0.1",
                "the certificate of 127.0.0.1:PORT is not for that name",
                "it reached this coordinator as 127.0.0.1, but its certificate is for lab1.example.org, localhost");
        assertRefused(
                certified(authority, "coordinator2", List.of("lab1.example.org", "127.0.0.1")),
                certified(authority, "worker2", HERE),
                "localhost",
                "the certificate of localhost:PORT is not for that name",
                "it reached this coordinator as localhost, but its certificate is for lab1.example.org, 127.0.0.1");
    }

    @Test
    void anExpiredCertificateOfTheCoordinatorIsNamedOnBothSides() throws IOException {
        var authority = authority("ca");
        assertRefused(
                expired(authority, "coordinator"),
                certified(authority, "worker", HERE),
                "127.0.0.1",
                "the certificate of 127.0.0.1:PORT has expired: make a new one there with tutti certs --renew",
                "it refuses this coordinator's certificate, which expired at");
    }

    @Test
    void anExpiredCertificateOfTheWorkerIsNamedOnBothSides() throws IOException {
        var authority = authority("ca");
        assertRefused(
                certified(authority, "coordinator", HERE),
                expired(authority, "worker"),
                "127.0.0.1",
                "127.0.0.1:PORT refuses this worker's certificate, which expired at",
                "its certificate has expired: make a new one with tutti certs --renew");
    }

    @Test
    void aForeignAuthorityIsNamedOnBothSides() throws IOException {
        assertRefused(
                certified(authority("ours"), "coordinator", HERE),
                certified(authority("theirs"), "worker", HERE),
                "127.0.0.1",
                "the certificate of 127.0.0.1:PORT is not of the CA in",
                "it refuses this coordinator's certificate, which is not of its CA");
    }

    /** The worker trusts the coordinator, but not the other way round. */
    @Test
    void aWorkerOfAForeignAuthorityIsNamedOnBothSides() throws IOException {
        var ours = authority("ours");
        var foreign = certified(authority("theirs"), "worker", HERE).certificates().orElseThrow();
        var both = foreign.folder().resolve(Certificates.AUTHORITY);
        java.nio.file.Files.writeString(
                both,
                java.nio.file.Files.readString(both)
                        + java.nio.file.Files.readString(
                                temporary.resolve("ours").resolve(Certificates.AUTHORITY)));
        assertRefused(
                certified(ours, "coordinator", HERE),
                new Access(Optional.of(foreign), Optional.empty()),
                "127.0.0.1",
                "127.0.0.1:PORT refuses this worker's certificate, which is not of its CA",
                "it shows no certificate of the CA in");
    }

    @Test
    void plaintextAgainstTlsIsNamedOnBothSides() throws IOException {
        assertRefused(
                certified(authority("ca"), "coordinator", HERE),
                Access.OPEN,
                "127.0.0.1",
                "127.0.0.1:PORT speaks TLS, this worker plaintext: give it --certs DIR",
                "it speaks plaintext, this address TLS: start the worker with --certs");
    }

    @Test
    void tlsAgainstPlaintextIsNamedOnBothSides() throws IOException {
        assertRefused(
                Access.OPEN,
                certified(authority("ca"), "worker", HERE),
                "127.0.0.1",
                "127.0.0.1:PORT speaks plaintext, this worker TLS",
                "it speaks TLS, this address plaintext");
    }

    @Test
    void aWrongOrMissingRunTokenIsNamedOnBothSidesEvenOnLoopback() throws IOException {
        var right = new Access(Optional.empty(), Optional.of(new RunToken("the-right-one")));
        var wrong = new Access(Optional.empty(), Optional.of(new RunToken("the-wrong-one")));
        assertRefused(
                right,
                wrong,
                "127.0.0.1",
                "127.0.0.1:PORT refused: this worker brings a wrong run token",
                "it brings a wrong run token");
        assertRefused(
                right,
                Access.OPEN,
                "127.0.0.1",
                "127.0.0.1:PORT refused: this worker brings no run token",
                "it brings no run token");
    }

    /** No worker of ours comes without a certificate: {@code --certs} takes whole folders only. */
    @Test
    void aPeerWithoutACertificateIsNamedOnBothSides() throws IOException {
        var access = certified(authority("ca"), "coordinator", HERE);
        var own = access.certificates().orElseThrow();
        try (var run = new TestRun(temporary.resolve("run"), access, 1)) {
            var context =
                    GrpcSslContexts.configure(SslContextBuilder.forClient(), SslProvider.JDK)
                            .trustManager(own.folder().resolve(Certificates.AUTHORITY).toFile())
                            .build();
            var channel =
                    NettyChannelBuilder.forAddress("127.0.0.1", run.port())
                            .sslContext(context)
                            .build();
            var ended = new CompletableFuture<Status>();
            ClientCalls.asyncBidiStreamingCall(
                            channel.newCall(TrainingCalls.CONNECT, CallOptions.DEFAULT),
                            new StreamObserver<Frame<CoordinatorFrame>>() {
                                @Override
                                public void onNext(Frame<CoordinatorFrame> frame) {
                                    ended.complete(Status.OK);
                                }

                                @Override
                                public void onError(Throwable cause) {
                                    ended.complete(Status.fromThrowable(cause));
                                }

                                @Override
                                public void onCompleted() {
                                    ended.complete(Status.OK);
                                }
                            })
                    .onNext(Wire.inline().toFrame(new ToCoordinator.Ready(1, 0)));
            var status = ended.orTimeout(WAIT_SECONDS, TimeUnit.SECONDS).join();
            channel.shutdownNow();
            assertThat(status.getCode()).isEqualTo(Status.Code.UNAVAILABLE);
            assertThat(ConnectFailure.of(status, "there", access))
                    .as("%s, %s", status, status.getCause())
                    .hasValueSatisfying(line -> assertThat(line).contains("certificate"));
            assertThat(run.warnings)
                    .singleElement()
                    .asString()
                    .contains("it shows no certificate of the CA in");
        }
    }

    /** A call for data gets the run's dataset, or nothing: what it names is never a path. */
    @Test
    void dataThatAreNotTheRunsAreRefused() throws IOException {
        var token = new Access(Optional.empty(), Optional.of(new RunToken("the-right-one")));
        try (var run = new TestRun(temporary.resolve("run"), token, 1)) {
            var channel = new Transport.Network("127.0.0.1", run.port(), token).connect();
            assertThat(fetch(channel, "../../../etc/passwd").getDescription())
                    .isEqualTo("the data is for members of the run: join first");
            var welcomed = new CompletableFuture<Void>();
            var joined =
                    ClientCalls.asyncBidiStreamingCall(
                            channel.newCall(TrainingCalls.CONNECT, CallOptions.DEFAULT),
                            new StreamObserver<Frame<CoordinatorFrame>>() {
                                @Override
                                public void onNext(Frame<CoordinatorFrame> frame) {
                                    welcomed.complete(null);
                                }

                                @Override
                                public void onError(Throwable cause) {
                                    welcomed.completeExceptionally(cause);
                                }

                                @Override
                                public void onCompleted() {}
                            });
            joined.onNext(
                    Wire.inline()
                            .toFrame(
                                    new ToCoordinator.Join(
                                            Protocol.VERSION,
                                            new ProcessInfo(1, "here", 1, "plain", "f00d"))));
            welcomed.orTimeout(WAIT_SECONDS, TimeUnit.SECONDS).join();
            assertThat(List.of("../../../etc/passwd", "/etc/passwd", "", "0".repeat(64)))
                    .allSatisfy(other ->
                            assertThat(fetch(channel, other))
                                    .satisfies(status ->
                                            assertThat(status.getCode())
                                                    .isEqualTo(Status.Code.NOT_FOUND))
                                    .satisfies(status ->
                                            assertThat(status.getDescription())
                                                    .startsWith(
                                                            "dataset file %s asked for, "
                                                                    .formatted(other))));
            channel.shutdownNow();
        }
    }

    private static Status fetch(ManagedChannel channel, String digest) {
        var request = FetchDataRequest.newBuilder().setDigest(digest).build();
        try {
            TrainingGrpc.newBlockingStub(channel).fetchData(request).forEachRemaining(_ -> {});
            return Status.OK;
        } catch (StatusRuntimeException e) {
            return e.getStatus();
        }
    }

    @Test
    void aWebBrowserAndAPortScannerAreNamed() throws IOException {
        try (var run = new TestRun(temporary.resolve("run"), Access.OPEN, 1)) {
            say(run.port(), "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
            eventually(run, "it speaks HTTP/1: it is no worker");
            say(run.port(), "\0\1\2\3\4\5\6\7");
            assertThat(run.warnings).hasSize(1);
        }
    }

    private static void say(int port, String text) throws IOException {
        try (var socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
            socket.shutdownOutput();
            var _ = socket.getInputStream().readAllBytes();
        } catch (IOException e) {
            assertThat(e.getMessage()).containsAnyOf("reset", "Broken");
        }
    }

    @Test
    void renewedCertificatesAreUsedWithoutARestart() throws IOException {
        var authority = authority("ca");
        var now = Instant.now();
        var brief = new HostCertificate("coordinator", List.of("lab1.example.org"));
        var folder = authority.issue(brief, now, Duration.ofDays(1));
        var access = access(folder);
        var worker = certified(authority, "worker", HERE);
        try (var run = new TestRun(temporary.resolve("run"), access, 1, "--steps", "5")) {
            assertThat(outcome(run.worker("127.0.0.1", worker)).kind())
                    .isEqualTo(WorkerOutcome.Kind.REFUSED);
            authority.issue(new HostCertificate("coordinator", HERE), now, Duration.ofDays(1));
            var second = run.worker("127.0.0.1", worker);
            assertThat(run.summary().figures().workers()).isEqualTo(1);
            assertThat(outcome(second).kind()).isEqualTo(WorkerOutcome.Kind.COMPLETE);
        }
    }

    @Test
    void aHalfRenewedFolderLeavesTheFormerCertificateInUse() throws IOException {
        var authority = authority("ca");
        var access = certified(authority, "host", HERE);
        var folder = access.certificates().orElseThrow().folder();
        var other = certified(authority, "other", HERE).certificates().orElseThrow().folder();
        java.nio.file.Files.copy(
                other.resolve(Certificates.KEY),
                folder.resolve(Certificates.KEY),
                java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        assertThat(trained("half", access)).isEqualTo(trained("plain", Access.OPEN));
    }

    @Test
    void whoHangsUpInTheMiddleOfAHandshakeIsNotRefused() throws Exception {
        var access = certified(authority("ca"), "host", HERE);
        try (var run = new TestRun(temporary.resolve("run"), access, 1, "--steps", "5")) {
            hangUpAfterTheServersHello(run.port());
            var worker = run.worker("127.0.0.1", access);
            run.summary();
            assertThat(outcome(worker).kind()).isEqualTo(WorkerOutcome.Kind.COMPLETE);
            assertThat(run.warnings).isEmpty();
        }
    }

    /** Says goodbye in plaintext, as a client does that has not read the server's keys. */
    private static void hangUpAfterTheServersHello(int port) throws Exception {
        var engine = SSLContext.getDefault().createSSLEngine();
        engine.setUseClientMode(true);
        var parameters = engine.getSSLParameters();
        parameters.setApplicationProtocols(new String[] {"h2"});
        engine.setSSLParameters(parameters);
        try (var socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            engine.beginHandshake();
            send(engine, socket);
            assertThat(socket.getInputStream().read()).isNotNegative();
            engine.closeOutbound();
            while (!engine.isOutboundDone()) {
                send(engine, socket);
            }
            awaitEnd(socket);
        }
    }

    /** When the coordinator hangs up, in one way or another, it has heard the goodbye, too. */
    private static void awaitEnd(Socket socket) throws IOException {
        try {
            socket.getInputStream().readAllBytes();
        } catch (SocketException e) {
            assertThat(e).hasMessageContaining("reset");
        }
    }

    private static void send(SSLEngine engine, Socket socket) throws IOException {
        var bytes = new byte[engine.getSession().getPacketBufferSize()];
        var packet = ByteBuffer.wrap(bytes);
        engine.wrap(ByteBuffer.allocate(0), packet);
        socket.getOutputStream().write(bytes, 0, packet.position());
    }

    private void assertRefused(
            Access coordinator, Access worker, String host, String there, String here)
            throws IOException {
        var folder = temporary.resolve("run-" + there.hashCode() + "-" + here.hashCode());
        try (var run = new TestRun(folder, coordinator, 1)) {
            var outcome = outcome(run.worker(host, worker));
            assertThat(outcome.kind()).as(outcome.reason()).isEqualTo(WorkerOutcome.Kind.REFUSED);
            assertThat(outcome.reason())
                    .startsWith(there.replace("PORT", Integer.toString(run.port())));
            assertThat(outcome.reason().lines()).hasSize(1);
            eventually(run, here);
            assertThat(run.warnings)
                    .singleElement()
                    .asString()
                    .startsWith("refused: 127.0.0.1: " + here);
        }
    }

    /** The coordinator's line is written by another thread than the one that answers. */
    private static void eventually(TestRun run, String part) {
        var until = System.nanoTime() + TimeUnit.SECONDS.toNanos(WAIT_SECONDS);
        while (run.warnings.isEmpty() && System.nanoTime() < until) {
            Thread.onSpinWait();
        }
        assertThat(run.warnings).first().asString().contains(part);
    }

    private static WorkerOutcome outcome(CompletableFuture<WorkerOutcome> worker) {
        return worker.completeOnTimeout(
                        new WorkerOutcome(WorkerOutcome.Kind.UNREACHABLE, "still trying"),
                        WAIT_SECONDS,
                        TimeUnit.SECONDS)
                .join();
    }

    private CertificateAuthority authority(String name) throws IOException {
        return CertificateAuthority.in(temporary.resolve(name), Instant.now());
    }

    private static Access certified(CertificateAuthority authority, String host, List<String> names)
            throws IOException {
        return access(
                authority.issue(
                        new HostCertificate(host, names), Instant.now(), Duration.ofDays(1)));
    }

    private static Access expired(CertificateAuthority authority, String host) throws IOException {
        return access(
                authority.issue(
                        new HostCertificate(host, HERE),
                        Instant.now().minus(Duration.ofDays(9)),
                        Duration.ofDays(1)));
    }

    private static Access access(Path folder) {
        return new Access(Optional.of(Certificates.in(folder)), Optional.empty());
    }
}
