package dev.tutti.deploy;

import dev.tutti.proto.Transport;
import dev.tutti.worker.WorkerConfig;
import dev.tutti.worker.WorkerOutcome;
import dev.tutti.worker.WorkerProcess;
import java.lang.foreign.Arena;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code tutti train}: the coordinator and all workers on this machine. */
@Command(
        name = "train",
        description = "Trains on this machine, with any number of workers.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        footer = {
            "",
            "Examples:",
            "  tutti train",
            "  tutti train --data fashion-mnist --model \"dense(256),relu,dense(128),relu,dense\" --epochs 10",
            "  tutti train --data iris.csv --targets species --standardize --epochs 100",
            "  tutti train --workers 4 --processes 2 --shards 8 --json"
        })
final class TrainCommand implements Callable<Integer> {
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    @Mixin private RunOptions options = new RunOptions();
    @Mixin private CarrierOption carrier = new CarrierOption();
    @Spec private CommandSpec command = CommandSpec.create();

    @Option(
            names = "--workers",
            paramLabel = "N",
            description = "workers in all; default: one for each core, but at least 2")
    private Optional<Integer> workers = Optional.empty();

    @Option(
            names = "--processes",
            paramLabel = "P",
            defaultValue = "0",
            description =
                    "worker processes to spread them over; 0 keeps them in this one; default: ${DEFAULT-VALUE}")
    private int processes;

    @Override
    public Integer call() {
        var count = workers.orElse(Math.max(2, Runtime.getRuntime().availableProcessors()));
        PreparedRun.requirePositive("--workers", count);
        if (processes < 0 || processes > count) {
            throw new UserException(
                    ExitCode.USAGE,
                    "--processes must be from 0 to the number of workers, %d, was %d"
                            .formatted(count, processes));
        }
        var directory = RunDirectory.choose(options.out, options.data);
        var run = PreparedRun.of(options, directory, count);
        var training = new Training(options, command);
        return (processes == 0 ? inThisProcess(training, run, count) : apart(training, run, count))
                .number();
    }

    private ExitCode inThisProcess(Training training, PreparedRun run, int count) {
        var kernel = options.kernel.choose();
        var transport = new Transport.InProcess("run-" + Long.toHexString(System.nanoTime()));
        return training.run(
                run,
                transport,
                (system, _, progress) -> {
                    Training.warnOfIdleWorkers(run, count, progress);
                    var config =
                            new WorkerConfig(
                                    transport,
                                    Kernels.introduce(kernel, count),
                                    kernel,
                                    (_, _) -> run.dataset(),
                                    PATIENCE);
                    WorkerProcess.start(system, "worker-process", config)
                            .thenAccept(ended -> {
                                if (ended.kind() != WorkerOutcome.Kind.COMPLETE) {
                                    progress.warned("workers ended: " + ended.reason());
                                }
                            });
                    return () -> {};
                });
    }

    private ExitCode apart(Training training, PreparedRun run, int count) {
        keepForWorkers(run);
        var logs = run.plan().directory().resolve("logs");
        return training.run(
                run,
                new Transport.Network("127.0.0.1", 0, carrier.carrier),
                (_, coordinator, progress) -> {
                    Training.warnOfIdleWorkers(run, count, progress);
                    return LocalWorkers.start(
                            count, processes, coordinator.port(), options.kernel.name, logs);
                });
    }

    /** Puts the data where worker processes of this machine look first. */
    private static void keepForWorkers(PreparedRun run) {
        try (var arena = Arena.ofShared()) {
            if (Sources.cache().find(run.file().digest(), arena).isEmpty()) {
                Sources.cache().put(run.dataset());
            }
        }
    }
}
