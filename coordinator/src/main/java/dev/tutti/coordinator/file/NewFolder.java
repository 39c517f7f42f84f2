package dev.tutti.coordinator.file;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Folders that nobody else has, though many ask for the same name at once. */
public final class NewFolder {
    private static final int TRIES_MAX = 10_000;

    private NewFolder() {}

    /**
     * Makes a folder of this name, or with {@code -2}, {@code -3} and so on behind it, and returns
     * it. Folders above it are made too.
     */
    public static Path make(Path wanted) throws IOException {
        var parent = wanted.toAbsolutePath().getParent();
        if (parent != null) {
            Files.createDirectories(parent);
        }
        for (var count = 1; count <= TRIES_MAX; count++) {
            var folder =
                    count == 1 ? wanted : wanted.resolveSibling(wanted.getFileName() + "-" + count);
            try {
                return Files.createDirectory(folder);
            } catch (FileAlreadyExistsException _) {
                // Somebody else's: the next number.
            }
        }
        throw new IOException("there are too many folders named " + wanted);
    }
}
