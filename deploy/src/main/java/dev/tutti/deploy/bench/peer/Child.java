package dev.tutti.deploy.bench.peer;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A program that a measurement starts and that does not outlive it. */
public final class Child implements AutoCloseable {
    private static final int FAREWELL_SECONDS = 20;

    private final String name;
    private final Path out;
    private final Path err;
    private final Process process;
    private final Thread hook = new Thread(this::kill, "tutti-end-child");

    private Child(String name, Path out, Path err, Process process) {
        this.name = name;
        this.out = out;
        this.err = err;
        this.process = process;
        Runtime.getRuntime().addShutdownHook(hook);
    }

    /**
     * Starts a program.
     *
     * @param name for messages
     * @param environment variables to set in it
     * @throws BenchException if it cannot be started
     */
    public static Child start(String name, List<String> command, Map<String, String> environment) {
        try {
            var out = Files.createTempFile("tutti-bench-", ".out");
            var err = Files.createTempFile("tutti-bench-", ".err");
            // Should the user end the measurement.
            out.toFile().deleteOnExit();
            err.toFile().deleteOnExit();
            var builder =
                    new ProcessBuilder(command)
                            .redirectInput(
                                    ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                            .redirectOutput(out.toFile())
                            .redirectError(err.toFile());
            builder.environment().putAll(environment);
            return new Child(name, out, err, builder.start());
        } catch (IOException e) {
            throw new BenchException("cannot start %s: %s".formatted(name, e.getMessage()), e);
        }
    }

    /**
     * Waits for the end and returns what the program printed.
     *
     * @throws BenchException if it failed, or is not done in time
     */
    String output(Duration timeMax) {
        try {
            if (!process.waitFor(timeMax.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new BenchException(
                        "%s was not done after %d s".formatted(name, timeMax.toSeconds()));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new BenchException("interrupted", e);
        }
        if (process.exitValue() != 0) {
            throw failure();
        }
        return read(out);
    }

    /** Returns what was written to standard error so far. */
    public String errors() {
        return read(err);
    }

    public boolean isAlive() {
        return process.isAlive();
    }

    /** Returns what to say of a program that ended when it should not have. */
    public BenchException failure() {
        var last = errors().strip().lines().reduce("it said nothing", (_, line) -> line);
        return new BenchException(
                "%s ended with exit code %d: %s".formatted(name, process.exitValue(), last));
    }

    /** Asks the program to end if it has not, waits for it, and forgets what it printed. */
    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(FAREWELL_SECONDS, TimeUnit.SECONDS)) {
                kill();
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            kill();
        }
        removeHook();
        try {
            Files.deleteIfExists(out);
            Files.deleteIfExists(err);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void removeHook() {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException _) {
            // The JVM is ending: the hook does its work.
        }
    }

    private void kill() {
        Stream.concat(process.descendants().toList().stream(), Stream.of(process.toHandle()))
                .forEach(ProcessHandle::destroyForcibly);
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
