package dev.tutti.coordinator.file;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;

/** Where files go; a test puts a full or a dying disk in its place. */
public interface Disk {
    /** Ends the name of a file that is not whole yet. */
    String PARTIAL = ".partial";

    /** The file system. */
    Disk REAL = Disk::writeThrough;

    /**
     * Writes a file and brings its bytes to the disk.
     *
     * @param content segments that follow one another
     */
    void write(Path file, List<MemorySegment> content) throws IOException;

    /**
     * Makes a file appear whole or not at all, also through a loss of power: temporary file, fsync,
     * rename, fsync of the folder. A failure leaves what was there before.
     */
    default void replace(Path file, List<MemorySegment> content) throws IOException {
        var temporary = file.resolveSibling(file.getFileName() + PARTIAL);
        try {
            write(temporary, content);
            Files.move(
                    temporary,
                    file,
                    StandardCopyOption.ATOMIC_MOVE,
                    StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            discard(temporary, e);
            throw e;
        }
        syncFolder(file);
    }

    private static void discard(Path temporary, IOException failure) {
        try {
            Files.deleteIfExists(temporary);
        } catch (IOException e) {
            failure.addSuppressed(e);
        }
    }

    private static void writeThrough(Path file, List<MemorySegment> content) throws IOException {
        try (var channel =
                FileChannel.open(
                        file,
                        StandardOpenOption.CREATE,
                        StandardOpenOption.TRUNCATE_EXISTING,
                        StandardOpenOption.WRITE)) {
            for (var segment : content) {
                write(segment, channel);
            }
            channel.force(true);
        }
    }

    private static void write(MemorySegment segment, FileChannel out) throws IOException {
        // A buffer holds less than 2 GiB.
        var pieceMax = 1L << 30;
        for (long at = 0; at < segment.byteSize(); at += pieceMax) {
            var size = Math.min(pieceMax, segment.byteSize() - at);
            var piece = segment.asSlice(at, size).asByteBuffer();
            while (piece.hasRemaining()) {
                out.write(piece);
            }
        }
    }

    /** Brings the new name to the disk. */
    private static void syncFolder(Path file) throws IOException {
        var folder = file.toAbsolutePath().getParent();
        if (folder == null
                || !file.getFileSystem().supportedFileAttributeViews().contains("posix")) {
            return; // Windows neither opens folders nor needs it.
        }
        try (var channel = FileChannel.open(folder, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }
}
