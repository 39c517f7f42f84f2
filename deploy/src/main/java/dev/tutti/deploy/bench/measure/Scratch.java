package dev.tutti.deploy.bench.measure;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A folder for what a measurement leaves behind, removed when it ends in any way. */
final class Scratch implements AutoCloseable {
    private static final int END_SECONDS = 2;

    private final Path folder;
    private final Thread hook = new Thread(this::removeAfterChildren, "tutti-remove-scratch");

    private Scratch(Path folder) {
        this.folder = folder;
        Runtime.getRuntime().addShutdownHook(hook);
    }

    static Scratch create() {
        try {
            return new Scratch(Files.createTempDirectory("tutti-bench-"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Path folder() {
        return folder;
    }

    @Override
    public void close() {
        remove();
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException _) {
            // The JVM is ending: the hook finds nothing any more.
        }
    }

    /** The JVM is ending, and so are its children, which may still write. */
    private void removeAfterChildren() {
        for (var child : ProcessHandle.current().descendants().toList()) {
            try {
                child.onExit().get(END_SECONDS, TimeUnit.SECONDS);
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
            } catch (ExecutionException | TimeoutException _) {
                // Then what it writes stays.
            }
        }
        remove();
    }

    private void remove() {
        if (!Files.exists(folder)) {
            return;
        }
        try (var all = Files.walk(folder)) {
            for (var file : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
