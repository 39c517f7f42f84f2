package dev.tutti.deploy.support;

import dev.tutti.deploy.Main;
import dev.tutti.deploy.local.LocalWorkers;
import dev.tutti.proto.life.PlannedFailure;
import dev.tutti.proto.life.ProcessPart;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * The command in a process of its own, as a user starts it: without the log settings of the tests.
 */
public final class CommandProcess implements AutoCloseable {
    private static final Path SHARED = Path.of("/dev/shm");

    /** Longer than any of the tests' commands takes on a machine that is busy with others. */
    private static final int END_SECONDS = 120;

    private final Process process;
    private final Path output;

    private CommandProcess(Process process, Path output) {
        this.process = process;
        this.output = output;
    }

    /**
     * Starts a command.
     *
     * @param folder for its output, and to work in
     * @param flags of the JVM
     */
    public static CommandProcess start(Path folder, List<String> flags, List<String> arguments)
            throws IOException {
        return start(folder, classPath(), flags, arguments);
    }

    /** Starts a command from program files of its own. */
    public static CommandProcess start(
            Path folder, String classPath, List<String> flags, List<String> arguments)
            throws IOException {
        var command = new ArrayList<String>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(LocalWorkers.inheritedFlags());
        command.add("-XX:TieredStopAtLevel=1");
        command.addAll(flags);
        command.addAll(List.of("-cp", classPath, Main.class.getName()));
        command.addAll(arguments);
        Files.createDirectories(folder);
        var output = Files.createTempFile(folder, "output-", ".txt");
        return new CommandProcess(
                new ProcessBuilder(command)
                        .directory(folder.toFile())
                        .redirectErrorStream(true)
                        .redirectOutput(output.toFile())
                        .start(),
                output);
    }

    /** Returns the flag that makes a part of the process fail when it starts. */
    public static String failing(ProcessPart part, String kind) {
        return "-D" + PlannedFailure.PROPERTY + "=" + part.name() + ":" + kind;
    }

    /** Returns the program without its tests. */
    public static String classPath() {
        return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .filter(entry -> !entry.endsWith("test-classes"))
                .collect(Collectors.joining(File.pathSeparator));
    }

    public Process process() {
        return process;
    }

    /** Waits for its end and returns its exit code. */
    public int exitCode() throws InterruptedException {
        if (!process.waitFor(END_SECONDS, TimeUnit.SECONDS)) {
            throw new AssertionError("it does not end; it said: " + output());
        }
        return process.exitValue();
    }

    /** Returns what it has printed so far. */
    public String output() {
        try {
            return Files.readString(output);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Waits until it has printed something. */
    public void awaitOutput(Predicate<String> wanted) throws InterruptedException {
        var until = System.nanoTime() + TimeUnit.SECONDS.toNanos(END_SECONDS);
        while (!wanted.test(output())) {
            var ended = process.waitFor(20, TimeUnit.MILLISECONDS);
            if ((ended && !wanted.test(output())) || System.nanoTime() > until) {
                throw new AssertionError("it has not said so: " + output());
            }
        }
    }

    /** Returns the lines with which it says why it ends. */
    public List<String> lastWords() {
        return output().lines().filter(line -> line.startsWith("tutti: ")).toList();
    }

    /** Tells whether a trace is in what it printed. */
    public boolean hasTrace() {
        return output().lines()
                .anyMatch(
                        line -> line.startsWith("\tat ") || line.startsWith("Exception in thread"));
    }

    /** Returns its folders in shared memory. */
    public List<Path> sharedFolders() throws IOException {
        if (!Files.isDirectory(SHARED)) {
            return List.of();
        }
        try (var folders = Files.list(SHARED)) {
            return folders.filter(this::isOwn).toList();
        }
    }

    private boolean isOwn(Path folder) {
        try {
            return Files.readString(folder.resolve("lock")).strip().equals("" + process.pid());
        } catch (IOException _) {
            return false; // Of others, or gone by now.
        }
    }

    /** Returns the processes that work in a folder, but for this one, once those that end have. */
    public static List<ProcessHandle> awaitEndOf(Path folder) throws InterruptedException {
        var left = processesOf(folder);
        try {
            CompletableFuture.allOf(
                            left.stream()
                                    .map(ProcessHandle::onExit)
                                    .toArray(CompletableFuture[]::new))
                    .get(10, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException _) {
            // They are what is returned.
        }
        return processesOf(folder);
    }

    private static List<ProcessHandle> processesOf(Path folder) {
        return ProcessHandle.allProcesses()
                .filter(handle ->
                        handle.info().commandLine().orElse("").contains(folder.toString()))
                .toList();
    }

    @Override
    public void close() {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
    }
}
