package dev.tutti.deploy.support;

import akka.actor.typed.ActorSystem;
import akka.actor.typed.javadsl.Behaviors;
import dev.tutti.common.kernel.PlainKernel;
import dev.tutti.coordinator.Coordinator;
import dev.tutti.coordinator.record.Judge;
import dev.tutti.coordinator.record.RunEvent;
import dev.tutti.coordinator.record.RunObserver;
import dev.tutti.coordinator.record.RunOutcome;
import dev.tutti.coordinator.record.RunSummary;
import dev.tutti.deploy.ground.RunNeed;
import dev.tutti.deploy.machine.LocalData;
import dev.tutti.deploy.machine.ThisProcess;
import dev.tutti.deploy.option.KernelOption;
import dev.tutti.deploy.option.RunOptions;
import dev.tutti.deploy.run.PreparedRun;
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
public final class TestRun implements AutoCloseable {
    private static final AtomicInteger NAMES = new AtomicInteger();

    /** What the coordinator's user sees. */
    public final List<String> warnings = new CopyOnWriteArrayList<>();

    /** Is told of each step, on the coordinator's thread. */
    public final List<Consumer<Long>> atStep = new CopyOnWriteArrayList<>();

    private final ActorSystem<?> system = ActorSystem.create(Behaviors.empty(), "test");
    private final PreparedRun run;
    private final Coordinator coordinator;

    /**
     * Starts a coordinator on loopback.
     *
     * @param folder for the run; must not exist
     * @param options as on the command line
     */
    public TestRun(Path folder, Access access, int minWorkers, String... options)
            throws IOException {
        this(folder, access, minWorkers, Judge.NONE, options);
    }

    /** Starts a coordinator whose result is judged so. */
    public TestRun(Path folder, Access access, int minWorkers, Judge judge, String... options)
            throws IOException {
        var read = new RunOptions();
        new CommandLine(read).parseArgs(options);
        Files.createDirectories(folder);
        run =
                PreparedRun.of(
                        read, folder, minWorkers, RunNeed.Crew.elsewhere(minWorkers, Carrier.AUTO));
        LocalData.cache().put(run.dataset());
        coordinator =
                Coordinator.start(
                        system,
                        run.plan(),
                        run.dataset(),
                        run.file(),
                        List.of(new Transport.Network("127.0.0.1", 0, access)),
                        List.of(observer()),
                        judge,
                        PlainKernel::new,
                        List::of);
    }

    public int port() {
        return coordinator.port();
    }

    /** Starts a worker process of one worker in this JVM. */
    public CompletableFuture<WorkerOutcome> worker(String host, Access access) {
        var kernel = new KernelOption().choose();
        var config =
                new WorkerConfig(
                        new Transport.Network(host, port(), access),
                        ThisProcess.info(kernel, 1, "host"),
                        kernel,
                        (_, _) -> run.dataset(),
                        Duration.ofMinutes(2));
        return WorkerProcess.start(system, "worker-" + NAMES.getAndIncrement(), config)
                .toCompletableFuture();
    }

    /** Returns how the run ends. */
    public CompletableFuture<RunOutcome> outcome() {
        return coordinator.outcome().toCompletableFuture();
    }

    /** Waits for the end of the run. */
    public RunSummary summary() {
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
