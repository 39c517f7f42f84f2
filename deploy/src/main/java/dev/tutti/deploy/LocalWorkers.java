package dev.tutti.deploy;

import dev.tutti.proto.Reason;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.TimeUnit;

/** Worker processes on this machine, started and ended with the run. */
final class LocalWorkers implements Training.Workers {
    private static final int FAREWELL_SECONDS = 5;

    private final WorkerLaunch launch;
    private final Map<Integer, Process> processes = new ConcurrentSkipListMap<>();
    private final Thread hook = new Thread(this::destroy, "tutti-end-workers");

    private LocalWorkers(WorkerLaunch launch) {
        this.launch = launch;
        Runtime.getRuntime().addShutdownHook(hook);
    }

    /** Starts the processes with the workers spread evenly, each logging to a file of its own. */
    static LocalWorkers start(int workers, int processes, WorkerLaunch launch) {
        var started = new LocalWorkers(launch);
        try {
            for (var i = 0; i < processes; i++) {
                var share = workers * (i + 1) / processes - workers * i / processes;
                started.start(i, share);
            }
            return started;
        } catch (IOException e) {
            started.close();
            throw new UserException(
                    ExitCode.OUTPUT, "cannot start a worker process: " + Reason.of(e));
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
        return process;
    }

    /** Returns the process of a number, if it still runs. */
    Optional<Process> find(int number) {
        return Optional.ofNullable(processes.get(number)).filter(Process::isAlive);
    }

    /** Returns this JVM's own flags, but for those that make sense in one process only. */
    static List<String> inheritedFlags() {
        return ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(flag -> !flag.startsWith("-agentlib") && !flag.startsWith("-javaagent"))
                .filter(flag -> !flag.startsWith("-Dtutti.terminal"))
                .toList();
    }

    /** Lets the processes end by themselves for a while, then ends them. */
    @Override
    public void close() {
        var until = System.nanoTime() + TimeUnit.SECONDS.toNanos(FAREWELL_SECONDS);
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
        removeHook();
    }

    private void removeHook() {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException _) {
            // The JVM is ending: the hook does its work.
        }
    }

    private void destroy() {
        processes.values().forEach(Process::destroyForcibly);
    }
}
