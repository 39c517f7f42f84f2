package dev.tutti.worker.kernel;

import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;

/**
 * Unpacks native libraries from the class path into one directory, where they find each other.
 *
 * <p>Any number of processes may do so at once: a file appears under its name only when it is
 * complete, by a rename, and every process would write the same bytes.
 */
final class NativeLibraries {
    private NativeLibraries() {}

    /**
     * Makes sure that {@code directory} holds the files of a class-path folder.
     *
     * @param folder the class path's folder, such as {@code org/bytedeco/openblas/linux-x86_64}
     * @param names files of it
     * @param directory made if need be
     * @return the files' paths, in the order of {@code names}
     * @throws IOException if a file is not on the class path or cannot be written
     */
    static List<Path> unpack(String folder, List<String> names, Path directory) throws IOException {
        Files.createDirectories(directory);
        for (var name : names) {
            unpack(resource(folder + "/" + name), directory.resolve(name));
        }
        return names.stream().map(directory::resolve).toList();
    }

    private static URL resource(String path) throws IOException {
        var found = NativeLibraries.class.getClassLoader().getResource(path);
        if (found == null) {
            throw new IOException("%s is not on the class path".formatted(path));
        }
        return found;
    }

    private static void unpack(URL from, Path to) throws IOException {
        var connection = from.openConnection();
        connection.setUseCaches(false);
        try (var in = connection.getInputStream()) {
            var size = connection.getContentLengthLong();
            if (Files.isRegularFile(to) && Files.size(to) == size) {
                return;
            }
            var part = Files.createTempFile(to.getParent(), to.getFileName() + ".", ".part");
            try {
                write(in, part);
                if (Files.size(part) != size) {
                    throw new IOException(
                            "%s holds %d bytes after unpacking, expected %d"
                                    .formatted(part, Files.size(part), size));
                }
                Files.move(part, to, StandardCopyOption.ATOMIC_MOVE);
            } finally {
                Files.deleteIfExists(part);
            }
        }
    }

    private static void write(InputStream in, Path out) throws IOException {
        try (var channel = FileChannel.open(out, StandardOpenOption.WRITE)) {
            in.transferTo(Channels.newOutputStream(channel));
            // A rename may reach the disk before the bytes do: no power cut may leave half a file.
            channel.force(true);
        }
    }
}
