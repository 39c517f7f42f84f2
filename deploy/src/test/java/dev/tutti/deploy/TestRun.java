package dev.tutti.deploy;

import akka.actor.typed.ActorSystem;
import akka.actor.typed.javadsl.Behaviors;
import dev.tutti.coordinator.Coordinator;
import dev.tutti.coordinator.Judge;
import dev.tutti.coordinator.RunEvent;
import dev.tutti.coordinator.RunObserver;
import dev.tutti.coordinator.RunOutcome;
import dev.tutti.coordinator.RunSummary;
import dev.tutti.deploy.ground.RunNeed;
import dev.tutti.proto.Carrier;
import dev.tutti.proto.Transport;
import dev.tutti.proto.access.Access;
import dev.tutti.worker.WorkerConfig;
import dev.tutti.worker.WorkerOutcome;
import dev.tutti.worker.WorkerProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import picocli.CommandLine;

/** A coordinator with a listening port, and workers that reach it over real sockets. */
final class TestRun implements AutoCloseable {
    private static final AtomicInteger NAMES = new AtomicInteger();

    /** What the coordinator's user sees. */
    final List<String> warnings = new CopyOnWriteArrayList<>();

    /** Is told of each step, on the coordinator's thread. */
    final List<Consumer<Long>> atStep = new CopyOnWriteArrayList<>();

    private final ActorSystem<?> system = ActorSystem.create(Behaviors.empty(), "test");
    private final PreparedRun run;
    private final Coordinator coordinator;

    /**
     * Starts a coordinator on loopback.
     *
     * @param folder for the run; must not exist
     * @param options as on the command line
     */
    TestRun(Path folder, Access access, int minWorkers, String... options) throws IOException {
        this(folder, access, minWorkers, Judge.NONE, options);
    }

    /** Starts a coordinator whose result is judged so. */
    TestRun(Path folder, Access access, int minWorkers, Judge judge, String... options)
            throws IOException {
        var read = new RunOptions();
        new CommandLine(read).parseArgs(options);
        Files.createDirectories(folder);
        run =
                PreparedRun.of(
                        read, folder, minWorkers, RunNeed.Crew.elsewhere(minWorkers, Carrier.AUTO));
        Sources.cache().put(run.dataset());
        coordinator =
                Coordinator.start(
                        system,
                        run.plan(),
                        run.dataset(),
                        run.file(),
                        List.of(new Transport.Network("127.0.0.1", 0, access)),
                        List.of(observer()),
                        judge,
                        List::of);
    }

    int port() {
        return coordinator.port();
    }

    /** Starts a worker process of one worker in this JVM. */
    CompletableFuture<WorkerOutcome> worker(String host, Access access) {
        var kernel = new KernelOption().choose();
        var config =
                new WorkerConfig(
                        new Transport.Network(host, port(), access),
                        Kernels.introduce(kernel, 1),
                        kernel,
                        (_, _) -> run.dataset(),
                        Duration.ofMinutes(2));
        return WorkerProcess.start(system, "worker-" + NAMES.getAndIncrement(), config)
                .toCompletableFuture();
    }

    /** Returns how the run ends. */
    CompletableFuture<RunOutcome> outcome() {
        return coordinator.outcome().toCompletableFuture();
    }

    /** Waits for the end of the run. */
    RunSummary summary() {
        var outcome = outcome().join();
        if (outcome instanceof RunOutcome.Completed(var summary, _)) {
            return summary;
        }
        throw new AssertionError(outcome);
    }

    @Override
    public void close() throws IOException {
        coordinator.close();
        system.terminate();
        system.getWhenTerminated().toCompletableFuture().join();
    }

    private RunObserver observer() {
        return event -> {
            if (event instanceof RunEvent.StepTaken taken) {
                atStep.forEach(told -> told.accept(taken.report().step()));
            }
            if (event instanceof RunEvent.Alert alert) {
                warnings.add(alert.line());
            }
        };
    }
}
