package dev.tutti.deploy;

import dev.tutti.common.chaos.FaultPlan;
import dev.tutti.proto.Carrier;
import dev.tutti.proto.Transport;
import dev.tutti.proto.access.Access;
import dev.tutti.proto.access.RunToken;
import dev.tutti.worker.WorkerConfig;
import dev.tutti.worker.WorkerOutcome;
import dev.tutti.worker.WorkerProcess;
import java.lang.foreign.Arena;
import java.time.Duration;
import java.util.Optional;

/**
 * A run whose workers are all on this machine.
 *
 * @param workers in all
 * @param processes worker processes to spread them over; 0 keeps them in this one
 * @param carrier how payloads travel between processes
 * @param kernel of the workers
 * @param loading the same, if they are in this process
 * @param faults that it is to stand
 */
record LocalTraining(
        int workers,
        int processes,
        Carrier carrier,
        KernelOption kernel,
        Optional<LoadingKernel> loading,
        FaultPlan faults) {
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    /**
     * Checks what the user wants, and begins to load what workers of this process compute with.
     *
     * @param workers without a number, one for each core
     */
    static LocalTraining of(
            Optional<Integer> workers, int processes, Carrier carrier, KernelOption kernel) {
        var count = workers.orElse(Math.max(2, Runtime.getRuntime().availableProcessors()));
        PreparedRun.requirePositive("--workers", count);
        if (processes < 0 || processes > count) {
            throw new UserException(
                    ExitCode.USAGE,
                    "--processes must be from 0 to the number of workers, %d, was %d"
                            .formatted(count, processes));
        }
        var loading =
                processes == 0
                        ? Optional.of(LoadingKernel.of(kernel, count))
                        : Optional.<LoadingKernel>empty();
        return new LocalTraining(count, processes, carrier, kernel, loading, FaultPlan.NONE);
    }

    /** Returns the same with faults, which only processes can have. */
    LocalTraining with(FaultPlan plan) {
        return new LocalTraining(workers, processes, carrier, kernel, loading, plan);
    }

    /** Runs until the outcome is printed. */
    ExitCode run(Training training, PreparedRun run) {
        return loading.map(kernel -> inThisProcess(training, run, kernel))
                .orElseGet(() -> apart(training, run));
    }

    private ExitCode inThisProcess(
            Training training, PreparedRun run, LoadingKernel loadingKernel) {
        var kernel = loadingKernel.kernel();
        var transport = new Transport.InProcess("run-" + Long.toHexString(System.nanoTime()));
        return training.run(
                run,
                transport,
                (system, _, progress) -> {
                    Training.warnOfIdleWorkers(run, workers, progress);
                    var config =
                            new WorkerConfig(
                                    transport,
                                    loadingKernel.process(),
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

    private ExitCode apart(Training training, PreparedRun run) {
        keepForWorkers(run);
        // Only the processes of this run know it: nobody else on this machine can join.
        var token = Optional.of(RunToken.random());
        var transport =
                new Transport.Network("127.0.0.1", 0, carrier, new Access(Optional.empty(), token));
        return training.run(
                run, transport, new LocalProcesses(this, run, token, kernel, Chaos.of(this, run)));
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
