package dev.tutti.worker.kernel;

import java.io.IOException;
import java.io.InputStream;
import java.net.JarURLConnection;
import java.net.URL;
import java.net.URLConnection;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;
import java.util.zip.CRC32;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Unpacks native libraries from the class path into one directory, where they find each other.
 *
 * <p>Any number of processes may do so at once: a file appears under its name only when it is
 * complete, by a rename, and every process would write the same bytes. A file that is there already
 * is used only if its size and its checksum are those of the class path's, and it is the user's
 * own.
 */
final class NativeLibraries {
    /** What the name of a note ends with: a file that says in which state a library was intact. */
    private static final String NOTE = ".checked";

    private static final Logger LOG = LoggerFactory.getLogger(NativeLibraries.class);

    private NativeLibraries() {}

    /**
     * Makes sure that {@code directory} holds the files of a class-path folder.
     *
     * @param folder the class path's folder, such as {@code org/bytedeco/openblas/linux-x86_64}
     * @param names files of it
     * @param directory made if need be
     * @return the files' paths, in the order of {@code names}
     * @throws IOException if a file is not on the class path or cannot be written, or the directory
     *     is one that other users may write to
     */
    static List<Path> unpack(String folder, List<String> names, Path directory) throws IOException {
        PrivateFolders.make(directory);
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
            if (Files.isRegularFile(to, LinkOption.NOFOLLOW_LINKS)) {
                if (isNoted(to, connection)) {
                    return;
                }
                if (isIntact(to, connection)) {
                    writeNote(to, connection);
                    return;
                }
                LOG.warn("{} is damaged, or of another user: unpacked again", to);
            }
            var part = Files.createTempFile(to.getParent(), to.getFileName() + ".", ".part");
            try {
                write(in, part);
                if (!isIntact(part, connection)) {
                    throw new IOException(
                            "%s does not hold what was unpacked to it: %d bytes, expected %d"
                                    .formatted(
                                            part,
                                            Files.size(part),
                                            connection.getContentLengthLong()));
                }
                Files.move(part, to, StandardCopyOption.ATOMIC_MOVE);
            } finally {
                Files.deleteIfExists(part);
            }
        }
    }

    private static boolean isIntact(Path file, URLConnection source) throws IOException {
        return Files.size(file) == source.getContentLengthLong()
                && PrivateFolders.isOurs(file)
                && (!(source instanceof JarURLConnection jar)
                        || checksum(file) == jar.getJarEntry().getCrc());
    }

    /**
     * Tells whether a file is in a state in which it was found intact before. To read a library of
     * 60 MB takes a twentieth of a start. A note that cannot be read says nothing.
     */
    private static boolean isNoted(Path file, URLConnection source) {
        var note = note(file);
        try {
            return Files.isRegularFile(note, LinkOption.NOFOLLOW_LINKS)
                    && PrivateFolders.isOurs(file)
                    && PrivateFolders.isOurs(note)
                    && state(file, source).filter(Files.readString(note)::equals).isPresent();
        } catch (IOException e) {
            LOG.debug("cannot read {}", note, e);
            return false;
        }
    }

    /** Writes a note. Where that fails, as on a full disk, the library is as good without. */
    private static void writeNote(Path file, URLConnection source) {
        try {
            var state = state(file, source);
            if (state.isEmpty()) {
                return;
            }
            var part = Files.createTempFile(file.getParent(), file.getFileName() + ".", ".part");
            try {
                Files.writeString(part, state.get());
                Files.move(part, note(file), StandardCopyOption.ATOMIC_MOVE);
            } finally {
                Files.deleteIfExists(part);
            }
        } catch (IOException e) {
            LOG.debug("cannot write {}", note(file), e);
        }
    }

    private static Path note(Path file) {
        return file.resolveSibling(file.getFileName() + NOTE);
    }

    /**
     * Returns the checksum that a file should have, and what changes with each write to it: the
     * time of a file's last change is the system's, which no program sets. Empty where there is no
     * checksum, or the system does not tell.
     */
    private static Optional<String> state(Path file, URLConnection source) throws IOException {
        if (!(source instanceof JarURLConnection jar)
                || !file.getFileSystem().supportedFileAttributeViews().contains("unix")) {
            return Optional.empty();
        }
        var attributes = Files.readAttributes(file, "unix:ino,ctime,size");
        return Optional.of(
                "%08x %s %s %s%n"
                        .formatted(
                                jar.getJarEntry().getCrc(),
                                attributes.get("size"),
                                attributes.get("ino"),
                                attributes.get("ctime")));
    }

    /** Returns the checksum that an archive keeps of each file. */
    private static long checksum(Path file) throws IOException {
        try (var channel = FileChannel.open(file)) {
            var checksum = new CRC32();
            checksum.update(channel.map(MapMode.READ_ONLY, 0, channel.size()));
            return checksum.getValue();
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
