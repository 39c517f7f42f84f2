package dev.tutti.deploy.local;

import dev.tutti.deploy.cli.ExitCode;
import dev.tutti.deploy.cli.UserException;
import dev.tutti.deploy.process.ProcessEnd;
import dev.tutti.deploy.process.Shutdown;
import dev.tutti.deploy.run.RunLaunch;
import dev.tutti.proto.failure.Reason;
import dev.tutti.proto.life.LeftBehind;
import dev.tutti.proto.life.Threads;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.TimeUnit;

/** Worker processes on this machine, started and ended with the run. */
public final class LocalWorkers implements RunLaunch.Workers {
    private static final int FAREWELL_SECONDS = 5;

    /** A process that a signal ended, as a fault may order, is told as lost by the coordinator. */
    private static final int SIGNALLED = 128;

    /** The same if this process has failed, or is told to end. */
    private static final int FAREWELL_IN_HASTE_SECONDS = 1;

    /** Another may be started right after the last has ended, as a fault may order. */
    private static final int NEXT_SECONDS = 1;

    private final WorkerLaunch launch;
    private final Ends ends;
    private final Map<Integer, Process> processes = new ConcurrentSkipListMap<>();
    private final LeftBehind.Entry outside = LeftBehind.unless(this::destroy);
    private volatile boolean closing;

    /** Is told of processes that end while they are needed; on any thread. */
    public interface Ends {
        /** One has ended, and says why. */
        void ended(String line);

        /** There is none left, and none will come. */
        void allEnded(String lastLine);
    }

    private LocalWorkers(WorkerLaunch launch, Ends ends) {
        this.launch = launch;
        this.ends = ends;
        Shutdown.giveBackAtEnd();
    }

    /** Starts the processes with the workers spread evenly, each logging to a file of its own. */
    public static LocalWorkers start(int workers, int processes, WorkerLaunch launch, Ends ends) {
        var started = new LocalWorkers(launch, ends);
        try {
            for (var i = 0; i < processes; i++) {
                var share = workers * (i + 1) / processes - workers * i / processes;
                started.start(i, share);
            }
            return started;
        } catch (IOException e) {
            started.close();
            throw UserException.of(
                    e, ExitCode.OUTPUT, "cannot start a worker process: " + Reason.of(e));
        }
    }

    /**
     * Starts one more process, or one anew.
     *
     * @param number of its log
     */
    Process start(int number, int workers) throws IOException {
        var process = launch.start(number, workers);
        processes.put(number, process);
        var _ =
                process.onExit()
                        .thenAccept(ended -> Threads.guarded(() -> ended(number, ended)).run());
        return process;
    }

    private void ended(int number, Process process) {
        if (closing || process.exitValue() == 0) {
            return;
        }
        var line =
                "worker process %d ended with exit code %d: %s"
                        .formatted(number, process.exitValue(), launch.lastLine(number));
        if (process.exitValue() < SIGNALLED && process.exitValue() != ExitCode.ABORTED.number()) {
            ends.ended(line);
        }
        CompletableFuture.delayedExecutor(NEXT_SECONDS, TimeUnit.SECONDS)
                .execute(() -> tellIfNoneIsLeft(line));
    }

    private void tellIfNoneIsLeft(String lastLine) {
        if (!closing && processes.values().stream().noneMatch(Process::isAlive)) {
            ends.allEnded(lastLine);
        }
    }

    /** Returns the process of a number, if it still runs. */
    public Optional<Process> find(int number) {
        return Optional.ofNullable(processes.get(number)).filter(Process::isAlive);
    }

    /** Returns this JVM's own flags, but for those that make sense in one process only. */
    public static List<String> inheritedFlags() {
        return ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(flag -> !flag.startsWith("-agentlib") && !flag.startsWith("-javaagent"))
                .filter(flag -> !flag.startsWith("-Dtutti.terminal"))
                .toList();
    }

    /** Lets the processes end by themselves for a while, then ends them. */
    @Override
    public void close() {
        closing = true;
        var seconds = FAREWELL_SECONDS;
        if (ProcessEnd.isEnding()) {
            seconds = FAREWELL_IN_HASTE_SECONDS;
            processes.values().forEach(Process::destroy);
        }
        var until = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        try {
            for (var process : processes.values()) {
                var left = Math.max(0, until - System.nanoTime());
                if (!process.waitFor(left, TimeUnit.NANOSECONDS)) {
                    process.destroyForcibly();
                }
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            destroy();
        }
        outside.close();
    }

    private void destroy() {
        processes.values().forEach(Process::destroyForcibly);
    }
}
