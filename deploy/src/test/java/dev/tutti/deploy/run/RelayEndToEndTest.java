package dev.tutti.deploy.run;

import static org.assertj.core.api.Assertions.assertThat;

import akka.actor.typed.ActorSystem;
import akka.actor.typed.javadsl.Behaviors;
import dev.tutti.common.kernel.PlainKernel;
import dev.tutti.coordinator.Coordinator;
import dev.tutti.coordinator.record.Judge;
import dev.tutti.coordinator.record.RunEvent;
import dev.tutti.coordinator.record.RunObserver;
import dev.tutti.coordinator.record.RunOutcome;
import dev.tutti.coordinator.record.RunSummary;
import dev.tutti.deploy.Main;
import dev.tutti.deploy.ground.RunNeed;
import dev.tutti.deploy.machine.LocalData;
import dev.tutti.deploy.machine.ThisProcess;
import dev.tutti.deploy.option.RunOptions;
import dev.tutti.deploy.relay.Relay;
import dev.tutti.deploy.relay.RelayConfig;
import dev.tutti.proto.Carrier;
import dev.tutti.proto.Transport;
import dev.tutti.worker.WorkerConfig;
import dev.tutti.worker.WorkerOutcome;
import dev.tutti.worker.WorkerProcess;
import dev.tutti.worker.data.DatasetCache;
import dev.tutti.worker.data.FetchedData;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongConsumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/**
 * Relays over real sockets, one of them a process that dies: the weights are those of one worker.
 */
class RelayEndToEndTest {
    private static final int STEPS = 40;
    private static final String LISTENING = "listening on 127.0.0.1:";
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir Path temporary;

    private final ActorSystem<Void> system = ActorSystem.create(Behaviors.empty(), "test");
    private final List<Relay> relays = new ArrayList<>();
    private final List<CompletableFuture<WorkerOutcome>> workers = new ArrayList<>();
    private int processes;

    /** Starts the processes that work for the coordinator at a port. */
    private interface Cluster {
        void start(int port) throws IOException;
    }

    @AfterEach
    void end() {
        relays.forEach(Relay::close);
        system.terminate();
    }

    @Test
    void relaysTrainTheWeightsOfTheStarAndOfOneWorkerWithTheTrafficOfTwo() throws IOException {
        var alone = train("alone", 1, this::worker);
        var star =
                train(
                        "star",
                        4,
                        port -> {
                            for (var i = 0; i < 4; i++) {
                                worker(port);
                            }
                        });
        var tree =
                train(
                        "tree",
                        4,
                        port -> {
                            for (var i = 0; i < 2; i++) {
                                var relay = relay(port);
                                worker(relay);
                                worker(relay);
                            }
                        });
        var levels =
                train(
                        "levels",
                        4,
                        port -> {
                            var top = relay(port);
                            var low = relay(top);
                            worker(low);
                            worker(low);
                            worker(top);
                            worker(port);
                        });
        assertThat(List.of(star.weightsDigest(), tree.weightsDigest(), levels.weightsDigest()))
                .containsOnly(alone.weightsDigest());
        assertThat(List.of(star, tree, levels))
                .allMatch(summary -> summary.figures().ledgerExact());
        // The data goes to each relay once, the weights at most once a step, for a relay that is
        // much slower gets no lease. Two shares of four shards are at most three sums.
        assertThat(tree.figures().sentBytes()).isBetween(vectors(1) * 9 / 10, vectors(3) * 9 / 10);
        assertThat(tree.figures().receivedBytes()).isLessThan(vectors(3) * 11 / 10);
        assertThat(workers)
                .hasSize(1 + 4 + 4 + 4)
                .allSatisfy(outcome ->
                        assertThat(outcome.join().kind()).isEqualTo(WorkerOutcome.Kind.COMPLETE));
        assertThat(relays)
                .hasSize(2 + 2)
                .allSatisfy(relay ->
                        assertThat(relay.outcome().toCompletableFuture().join().kind())
                                .isEqualTo(WorkerOutcome.Kind.COMPLETE));
    }

    @Test
    void aKilledRelayCostsNoBit() throws IOException {
        var alone = train("alone", 1, this::worker);
        var victim = new AtomicReference<Optional<Process>>(Optional.empty());
        var summary =
                train(
                        "killed",
                        2,
                        port -> {
                            victim.set(Optional.of(relayProcess(port)));
                            worker(relay(port));
                        },
                        step -> {
                            if (step == STEPS / 2) {
                                victim.get().ifPresent(Process::destroyForcibly);
                            }
                        });
        assertThat(summary.weightsDigest()).isEqualTo(alone.weightsDigest());
        assertThat(summary.figures().lostWorkers()).isEqualTo(1);
        assertThat(summary.figures().ledgerExact()).isTrue();
    }

    /** Returns the bytes of so many vectors of all parameters in each step. */
    private static long vectors(int count) {
        var parameters = 64 * 128 + 128 + 128 * 64 + 64 + 64 * 10 + 10;
        return (long) count * STEPS * parameters * Float.BYTES;
    }

    private void worker(int port) {
        var config =
                new WorkerConfig(
                        new Transport.Network("127.0.0.1", port, Carrier.INLINE),
                        ThisProcess.info(new PlainKernel(), 1, "host"),
                        new PlainKernel(),
                        data("worker"),
                        PATIENCE);
        workers.add(
                WorkerProcess.start(system, "worker-" + processes++, config).toCompletableFuture());
    }

    /** Starts a relay in this JVM and returns its port. */
    private int relay(int port) throws IOException {
        var config =
                new RelayConfig(
                        new Transport.Network("127.0.0.1", port, Carrier.INLINE),
                        new Transport.Network("127.0.0.1", 0, Carrier.INLINE),
                        "host",
                        1,
                        data("relay")::file,
                        PATIENCE);
        var relay = Relay.start(system, "relay-" + processes++, config);
        relays.add(relay);
        return relay.port();
    }

    /** Starts a relay as a process of its own, with a worker that joins it. */
    private Process relayProcess(int port) throws IOException {
        var process =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "--enable-native-access=ALL-UNNAMED",
                                "--sun-misc-unsafe-memory-access=allow",
                                "-Dio.netty.noUnsafe=true",
                                "-cp",
                                System.getProperty("java.class.path"),
                                Main.class.getName(),
                                "relay",
                                "--coordinator",
                                "127.0.0.1:" + port,
                                "--listen",
                                "127.0.0.1:0")
                        .redirectErrorStream(true)
                        .start();
        var output = process.inputReader();
        for (var line = output.readLine(); line != null; line = output.readLine()) {
            if (line.startsWith(LISTENING)) {
                worker(Integer.parseInt(line.substring(LISTENING.length(), line.indexOf(','))));
                return process;
            }
        }
        throw new AssertionError("the relay does not listen");
    }

    /** A cache for each process: nobody finds what another has fetched. */
    private FetchedData data(String owner) {
        var cache = new DatasetCache(temporary.resolve("cache-" + owner + processes));
        return new FetchedData(cache, LocalData.sources(), Optional.empty());
    }

    private RunSummary train(String name, int minWorkers, Cluster cluster) throws IOException {
        return train(name, minWorkers, cluster, _ -> {});
    }

    private RunSummary train(String name, int minWorkers, Cluster cluster, LongConsumer atStep)
            throws IOException {
        var options = new RunOptions();
        new CommandLine(options).parseArgs("--steps", Integer.toString(STEPS), "--data", "digits");
        var directory = temporary.resolve(name);
        Files.createDirectories(directory);
        var run =
                PreparedRun.of(
                        options,
                        directory,
                        minWorkers,
                        RunNeed.Crew.elsewhere(minWorkers, Carrier.AUTO));
        var runSystem = ActorSystem.create(Behaviors.empty(), "coordinator");
        try (var coordinator =
                Coordinator.start(
                        runSystem,
                        run.plan(),
                        run.dataset(),
                        run.file(),
                        List.of(new Transport.Network("127.0.0.1", 0, Carrier.INLINE)),
                        List.of(observer(atStep)),
                        Judge.NONE,
                        PlainKernel::new,
                        List::of)) {
            cluster.start(coordinator.port());
            var outcome = coordinator.outcome().toCompletableFuture().join();
            assertThat(outcome).isInstanceOf(RunOutcome.Completed.class);
            return ((RunOutcome.Completed) outcome).summary();
        } finally {
            runSystem.terminate();
        }
    }

    private static RunObserver observer(LongConsumer atStep) {
        return event -> {
            if (event instanceof RunEvent.StepTaken taken) {
                atStep.accept(taken.report().step());
            }
        };
    }
}
