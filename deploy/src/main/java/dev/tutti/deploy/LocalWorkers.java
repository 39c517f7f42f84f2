package dev.tutti.deploy;

import dev.tutti.proto.access.RunToken;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** Worker processes on this machine, started and ended with the run. */
final class LocalWorkers implements Training.Workers {
    private static final int PATIENCE_SECONDS = 10;
    private static final int FAREWELL_SECONDS = 5;

    private final List<Process> processes = new ArrayList<>();
    private final Thread hook = new Thread(this::destroy, "tutti-end-workers");

    private LocalWorkers() {
        Runtime.getRuntime().addShutdownHook(hook);
    }

    /**
     * Starts the processes with the workers spread evenly, each logging to a file of its own.
     *
     * @param logs folder for the logs
     */
    static LocalWorkers start(
            int workers,
            int processes,
            int port,
            Optional<RunToken> token,
            List<String> kernel,
            Path logs) {
        var started = new LocalWorkers();
        try {
            for (var i = 0; i < processes; i++) {
                var share = workers * (i + 1) / processes - workers * i / processes;
                started.launch(i, share, port, token, kernel, logs);
            }
            return started;
        } catch (IOException e) {
            started.close();
            throw new UserException(
                    ExitCode.OUTPUT, "cannot start a worker process: " + e.getMessage());
        }
    }

    private void launch(
            int index,
            int workers,
            int port,
            Optional<RunToken> token,
            List<String> kernel,
            Path logs)
            throws IOException {
        var log = logs.resolve("worker-%d.log".formatted(index));
        var command = new ArrayList<String>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(inheritedFlags());
        command.addAll(List.of("-cp", System.getProperty("java.class.path")));
        command.add(Main.class.getName());
        command.addAll(List.of("worker", "--coordinator", "127.0.0.1:" + port));
        command.addAll(List.of("--workers", Integer.toString(workers)));
        command.addAll(List.of("--patience", Integer.toString(PATIENCE_SECONDS)));
        command.addAll(List.of("--log", log.toString()));
        command.addAll(kernel);
        var builder =
                new ProcessBuilder(command)
                        .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                        .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                        .redirectErrorStream(true);
        // Not on the command line, which every user of the machine can read.
        token.ifPresent(
                secret -> builder.environment().put(AccessOptions.TOKEN_VARIABLE, secret.secret()));
        processes.add(builder.start());
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
            for (var process : processes) {
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
        processes.forEach(Process::destroyForcibly);
    }
}
