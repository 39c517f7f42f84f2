package dev.tutti.worker.data.source;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;

/**
 * A file that is not complete yet, beside the place that it will move to. A reader of that place
 * finds the complete file or none, even if the process or the machine dies. If it is closed before
 * it is moved, it is deleted.
 *
 * @param path where it is written
 */
public record PartFile(Path path) implements AutoCloseable {
    private static final String ENDING = ".part";

    /** A part that nobody has touched for so long belongs to a process that was killed. */
    private static final Duration AGE_MAX = Duration.ofDays(1);

    /** Makes an empty file, readable by its owner alone, in a folder that is made if need be. */
    public static PartFile in(Path folder) throws IOException {
        Files.createDirectories(folder);
        deleteForgotten(folder);
        return new PartFile(Files.createTempFile(folder, "", ENDING));
    }

    /** Forces the content to the disk and moves it to its place in one step. */
    public void moveTo(Path out) throws IOException {
        force(path, StandardOpenOption.WRITE);
        Files.move(path, out, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        force(path.toAbsolutePath().resolveSibling("."), StandardOpenOption.READ);
    }

    @Override
    public void close() throws IOException {
        Files.deleteIfExists(path);
    }

    private static void force(Path path, StandardOpenOption option) throws IOException {
        try (var channel = FileChannel.open(path, option)) {
            channel.force(true);
        }
    }

    private static void deleteForgotten(Path folder) throws IOException {
        var oldest = FileTime.from(Instant.now().minus(AGE_MAX));
        try (var parts = Files.newDirectoryStream(folder, "*" + ENDING)) {
            for (var part : parts) {
                if (Files.getLastModifiedTime(part).compareTo(oldest) < 0) {
                    Files.deleteIfExists(part);
                }
            }
        }
    }
}
