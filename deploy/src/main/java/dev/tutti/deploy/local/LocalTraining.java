package dev.tutti.deploy.local;

import dev.tutti.common.chaos.FaultPlan;
import dev.tutti.common.data.DataException;
import dev.tutti.deploy.cli.ExitCode;
import dev.tutti.deploy.cli.Require;
import dev.tutti.deploy.cli.UserException;
import dev.tutti.deploy.ground.RunNeed;
import dev.tutti.deploy.machine.LoadingKernel;
import dev.tutti.deploy.machine.LocalData;
import dev.tutti.deploy.machine.ThisProcess;
import dev.tutti.deploy.option.KernelOption;
import dev.tutti.deploy.process.Actors;
import dev.tutti.deploy.run.PreparedRun;
import dev.tutti.deploy.run.Progress;
import dev.tutti.deploy.run.RunLaunch;
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
 * @param kernel options that choose the kernel of the workers
 * @param loading the kernel: of the workers in this process, or the one that worker processes are
 *     told to take, so that all have the same
 * @param faults that it is to stand
 */
public record LocalTraining(
        int workers,
        int processes,
        Carrier carrier,
        KernelOption kernel,
        LoadingKernel loading,
        FaultPlan faults) {
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    /**
     * Checks what the user wants, and begins to load what workers of this process compute with.
     *
     * @param workers without a number, one for each core
     */
    public static LocalTraining of(
            Optional<Integer> workers, int processes, Carrier carrier, KernelOption kernel) {
        var count = count(workers, processes, kernel);
        var loading = LoadingKernel.of(kernel::choose, count);
        Actors.prepare();
        return new LocalTraining(count, processes, carrier, kernel, loading, FaultPlan.NONE);
    }

    /**
     * Returns the number of workers.
     *
     * @param workers without a number, one for each core
     * @throws UserException if there is no such training
     */
    static int count(Optional<Integer> workers, int processes, KernelOption kernel) {
        var count = workers.orElse(Math.max(2, Runtime.getRuntime().availableProcessors()));
        Require.positive("--workers", count);
        if (processes < 0 || processes > count) {
            throw new UserException(
                    ExitCode.USAGE,
                    "--processes must be from 0 to the number of workers, %d, was %d"
                            .formatted(count, processes));
        }
        ThisProcess.requireAcceptable(Math.ceilDiv(count, Math.max(1, processes)));
        // What a worker process would refuse is refused before there is one.
        kernel.requireName();
        return count;
    }

    /** Returns the same with faults, which only processes can have. */
    public LocalTraining with(FaultPlan plan) {
        return new LocalTraining(workers, processes, carrier, kernel, loading, plan);
    }

    /** Returns who computes. */
    public RunNeed.Crew crew() {
        return RunNeed.Crew.here(workers, processes, carrier);
    }

    /** Runs until the outcome is printed. */
    public ExitCode run(RunLaunch launch, PreparedRun run) {
        return processes == 0 ? inThisProcess(launch, run) : apart(launch, run);
    }

    private ExitCode inThisProcess(RunLaunch launch, PreparedRun run) {
        var chosen = loading.kernel();
        var transport = new Transport.InProcess("run-" + Long.toHexString(System.nanoTime()));
        return launch.run(
                run,
                transport,
                (system, coordinator, progress) -> {
                    tellKernel(progress);
                    RunLaunch.warnOfIdleWorkers(run, workers, progress);
                    var config =
                            new WorkerConfig(
                                    transport,
                                    loading.process(),
                                    chosen,
                                    (_, _) -> run.dataset(),
                                    PATIENCE);
                    WorkerProcess.start(system, "worker-process", config)
                            .whenComplete((ended, failure) -> {
                                if (failure != null) {
                                    coordinator.failed(failure);
                                } else if (ended.kind() != WorkerOutcome.Kind.COMPLETE) {
                                    progress.warned("workers ended: " + ended.reason());
                                }
                            });
                    return () -> {};
                });
    }

    /** Says what computes: the bits of the weights depend on it. */
    void tellKernel(Progress progress) {
        progress.line("kernel " + loading.kernel().name());
    }

    private ExitCode apart(RunLaunch launch, PreparedRun run) {
        var arguments = kernel.arguments(loading.kernel());
        keepForWorkers(run);
        // Only the processes of this run know it: nobody else on this machine can join.
        var token = Optional.of(RunToken.random());
        var transport =
                new Transport.Network("127.0.0.1", 0, carrier, new Access(Optional.empty(), token));
        return launch.run(
                run,
                transport,
                new LocalProcesses(this, run, token, arguments, Chaos.of(this, run)));
    }

    /** Puts the data where worker processes of this machine look first; else they fetch it. */
    private static void keepForWorkers(PreparedRun run) {
        try (var arena = Arena.ofShared()) {
            if (LocalData.cache().find(run.file().digest(), arena).isEmpty()) {
                LocalData.cache().put(run.dataset());
            }
        } catch (DataException e) {
            System.err.printf(
                    "warning: %s; workers get the data from the coordinator; set XDG_CACHE_HOME to keep it%n",
                    e.getMessage());
        }
    }
}
