package dev.tutti.deploy.process;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** What the machine, or what it allows this process, has too little of. */
public final class Shortage {
    private static final Path LIMITS = Path.of("/proc/self/limits");
    private static final Path PIDS = Path.of("/sys/fs/cgroup/pids.max");
    private static final Path NOTHING = Path.of("/dev/null");
    private static final String UNKNOWN = "unknown";

    /** Read while there are files and threads left. */
    private static final String OPEN_FILES = limit("Max open files");

    private static final String PROCESSES = limit("Max processes");

    private Shortage() {}

    /** Returns what a failure says there is too little of, in one line; empty if it is another. */
    public static Optional<String> behind(Throwable failure) {
        for (var cause = failure; cause != null; cause = cause.getCause()) {
            var text = String.valueOf(cause.getMessage());
            if (cause instanceof OutOfMemoryError) {
                return Optional.of(memory(text));
            }
            if (cause instanceof InternalError && text.contains("memory access")) {
                return Optional.of(
                        "memory that is mapped from a file cannot be used: make room in /dev/shm and on the disk, and look whether a file of the data was cut short");
            }
            if (isOutOfFiles(cause, text)) {
                return Optional.of(
                        "this process may open no more than %s files: allow more with ulimit -n 4096"
                                .formatted(OPEN_FILES));
            }
        }
        return Optional.empty();
    }

    private static String memory(String text) {
        if (text.contains("native thread")) {
            return "no more threads can be started: this user may have %s processes and threads (ulimit -u), and this container %s (pids.max): allow more, or end others"
                    .formatted(PROCESSES, read(PIDS));
        }
        if (text.contains("direct buffer memory") || text.contains("Unable to allocate")) {
            return "too little memory outside the Java heap: %s; take a smaller model or batch, or allow more with TUTTI_JVM_FLAGS=-XX:MaxDirectMemorySize=SIZE if the machine has it"
                    .formatted(text);
        }
        if (text.contains("heap") || text.contains("GC overhead") || text.contains("array size")) {
            return "too little memory: the Java heap of %d MB is full; allow more with TUTTI_JVM_FLAGS=-Xmx and a size"
                    .formatted(Runtime.getRuntime().maxMemory() >> 20);
        }
        return "too little memory: " + text;
    }

    private static boolean isOutOfFiles(Throwable cause, String text) {
        return text.contains("Too many open files")
                || ((cause instanceof IOException
                                || cause instanceof UncheckedIOException
                                || cause instanceof LinkageError
                                || cause instanceof ClassNotFoundException)
                        && noneCanBeOpened());
    }

    /** Asks the system itself: its message may be in any language. */
    private static boolean noneCanBeOpened() {
        try (var _ = Files.newInputStream(NOTHING)) {
            return false;
        } catch (IOException _) {
            return Files.isReadable(NOTHING);
        }
    }

    private static String limit(String name) {
        return read(LIMITS)
                .lines()
                .filter(line -> line.startsWith(name))
                .map(line -> line.substring(name.length()).strip().split(" +", 2)[0])
                .findFirst()
                .orElse(UNKNOWN);
    }

    private static String read(Path file) {
        try {
            return Files.readString(file).strip();
        } catch (IOException _) {
            return UNKNOWN;
        }
    }
}
