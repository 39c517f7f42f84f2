package dev.tutti.deploy.ground;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The disk that a folder is on, or will be on.
 *
 * @param free bytes that can be written
 */
public record Disk(long free) {
    /** Looks at the disk of the nearest folder above that there is; empty if none tells. */
    public static Optional<Disk> look(Path folder) {
        for (var at = folder.toAbsolutePath(); at != null; at = at.getParent()) {
            if (Files.isDirectory(at)) {
                return room(at);
            }
        }
        return Optional.empty();
    }

    private static Optional<Disk> room(Path folder) {
        try {
            var store = Files.getFileStore(folder);
            return store.getTotalSpace() == 0
                    ? Optional.empty()
                    : Optional.of(new Disk(store.getUsableSpace()));
        } catch (IOException _) {
            return Optional.empty();
        }
    }
}
