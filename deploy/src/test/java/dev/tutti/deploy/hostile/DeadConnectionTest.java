package dev.tutti.deploy.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import akka.actor.typed.ActorSystem;
import akka.actor.typed.javadsl.Behaviors;
import dev.tutti.common.kernel.PlainKernel;
import dev.tutti.deploy.certs.CertificateAuthority;
import dev.tutti.deploy.certs.HostCertificate;
import dev.tutti.deploy.machine.LocalData;
import dev.tutti.deploy.machine.ThisProcess;
import dev.tutti.deploy.relay.Relay;
import dev.tutti.deploy.relay.RelayConfig;
import dev.tutti.deploy.support.CuttableLink;
import dev.tutti.deploy.support.TestRun;
import dev.tutti.proto.Carrier;
import dev.tutti.proto.Transport;
import dev.tutti.proto.access.Access;
import dev.tutti.proto.access.Certificates;
import dev.tutti.worker.WorkerConfig;
import dev.tutti.worker.WorkerOutcome;
import dev.tutti.worker.WorkerProcess;
import dev.tutti.worker.data.DatasetCache;
import dev.tutti.worker.data.FetchedData;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Connections that die without a word, over real sockets and TLS: their owners open others, and the
 * weights are those of a run without faults.
 */
class DeadConnectionTest {
    private static final int WAIT_SECONDS = 60;
    private static final int CUT_AT = 20;
    private static final String STEPS = "300";

    @TempDir Path temporary;

    private final ActorSystem<Void> system = ActorSystem.create(Behaviors.empty(), "test");
    private int processes;

    @AfterEach
    void end() {
        system.terminate();
    }

    /** It is long enough for a relay that is back, and has no heartbeats, to be lost again. */
    @Test
    void aRelayWhoseConnectionsDieIsBackAndStays() throws Exception {
        var access = access();
        var undisturbed = undisturbed(access);
        try (var run = run("relay", access, 1);
                var link = new CuttableLink(run.port())) {
            cutAt(run, link::cut);
            try (var relay = relay(link.port(), access)) {
                var worker = worker(relay.port(), access);
                var summary = run.summary();
                assertThat(summary.weightsDigest()).isEqualTo(undisturbed);
                assertThat(summary.figures().lostWorkers())
                        .as("%s", run.warnings)
                        .isLessThanOrEqualTo(1);
                assertThat(outcome(worker).kind()).isEqualTo(WorkerOutcome.Kind.COMPLETE);
            }
        }
    }

    @Test
    void aWorkerWhoseConnectionsDieIsBackAndStays() throws Exception {
        var access = access();
        var undisturbed = undisturbed(access);
        try (var run = run("worker", access, 1);
                var link = new CuttableLink(run.port())) {
            cutAt(run, link::cut);
            var worker = worker(link.port(), access);
            var summary = run.summary();
            assertThat(summary.weightsDigest()).isEqualTo(undisturbed);
            assertThat(summary.figures().lostWorkers())
                    .as("%s", run.warnings)
                    .isLessThanOrEqualTo(1);
            assertThat(outcome(worker).kind()).isEqualTo(WorkerOutcome.Kind.COMPLETE);
        }
    }

    /** Nothing to do, so nothing on the stream: the heartbeats alone keep it a member. */
    @Test
    void anIdleWorkerWhoseHeartbeatsDieOpensAnotherConnectionAndIsNotLost() throws Exception {
        var access = access();
        try (var run = run("idle", access, 2);
                var link = new CuttableLink(run.port())) {
            var first = worker(link.port(), access);
            assertThat(link.awaitConnection(WAIT_SECONDS)).isTrue();
            assertThat(link.awaitConnection(WAIT_SECONDS)).isTrue();
            link.cut(1);
            assertThat(link.awaitConnection(WAIT_SECONDS)).isTrue();
            var second = worker(run.port(), access);
            assertThat(run.summary().figures().lostWorkers()).as("%s", run.warnings).isZero();
            assertThat(outcome(first).kind()).isEqualTo(WorkerOutcome.Kind.COMPLETE);
            assertThat(outcome(second).kind()).isEqualTo(WorkerOutcome.Kind.COMPLETE);
        }
    }

    private String undisturbed(Access access) throws IOException {
        try (var run = run("undisturbed", access, 1)) {
            var _ = worker(run.port(), access);
            return run.summary().weightsDigest();
        }
    }

    private TestRun run(String name, Access access, int workers) throws IOException {
        return new TestRun(
                temporary.resolve(name),
                access,
                workers,
                "--steps",
                STEPS,
                "--silence",
                "2..4",
                "--data",
                "digits");
    }

    private static void cutAt(TestRun run, Runnable cut) {
        run.atStep.add(step -> {
            if (step == CUT_AT) {
                cut.run();
            }
        });
    }

    private Relay relay(int port, Access access) throws IOException {
        return Relay.start(
                system,
                "relay-" + processes++,
                new RelayConfig(
                        network(port, access),
                        network(0, access),
                        "host",
                        1,
                        data()::file,
                        Duration.ofMinutes(2)));
    }

    private CompletableFuture<WorkerOutcome> worker(int port, Access access) {
        var kernel = new PlainKernel();
        return WorkerProcess.start(
                        system,
                        "worker-" + processes++,
                        new WorkerConfig(
                                network(port, access),
                                ThisProcess.info(kernel, 1, "host"),
                                kernel,
                                data(),
                                Duration.ofMinutes(2)))
                .toCompletableFuture();
    }

    private FetchedData data() {
        return new FetchedData(
                new DatasetCache(temporary.resolve("cache-" + processes)),
                LocalData.sources(),
                Optional.empty());
    }

    private static Transport network(int port, Access access) {
        return new Transport.Network("127.0.0.1", port, Carrier.INLINE, access);
    }

    private static WorkerOutcome outcome(CompletableFuture<WorkerOutcome> worker) {
        return worker.orTimeout(WAIT_SECONDS, TimeUnit.SECONDS).join();
    }

    private Access access() throws IOException {
        var host = new HostCertificate("host", List.of("127.0.0.1"));
        var folder =
                CertificateAuthority.in(temporary.resolve("ca"), Instant.now())
                        .issue(host, Instant.now(), Duration.ofDays(1));
        return new Access(Optional.of(Certificates.in(folder)), Optional.empty());
    }
}
