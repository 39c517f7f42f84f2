package dev.tutti.worker.kernel;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;

/**
 * Folders that nobody but the user can put files into: what is loaded from them becomes part of
 * this process.
 */
final class PrivateFolders {
    private static final Path SELF = Path.of("/proc/self");
    private static final int ROOT = 0;

    private PrivateFolders() {}

    /**
     * Makes a folder for the user alone.
     *
     * @throws IOException if it cannot be made, or is there and other users may write to it
     */
    static void make(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            if (isPosix(folder)) {
                Files.createDirectories(
                        folder,
                        PosixFilePermissions.asFileAttribute(
                                PosixFilePermissions.fromString("rwx------")));
            } else {
                Files.createDirectories(folder);
            }
        }
        if (!isOurs(folder)
                || (isPosix(folder)
                        && Files.getPosixFilePermissions(folder)
                                .contains(PosixFilePermission.OTHERS_WRITE))) {
            throw new IOException(
                    "%s belongs to another user, or others may write to it".formatted(folder));
        }
    }

    /** Tells whether a file belongs to this process's user, or to the system's administrator. */
    static boolean isOurs(Path file) throws IOException {
        if (!Files.exists(SELF)
                || !file.getFileSystem().supportedFileAttributeViews().contains("unix")) {
            return true; // A system that does not tell: its temporary folders are private.
        }
        var owner = Files.getAttribute(file, "unix:uid");
        return owner.equals(Files.getAttribute(SELF, "unix:uid")) || owner.equals(ROOT);
    }

    /** Returns the folders for what is needed for a moment, the usual one first. */
    static List<Path> temporary() {
        var names = new LinkedHashSet<String>();
        names.add(System.getProperty("java.io.tmpdir", ""));
        names.add(System.getenv().getOrDefault("TMPDIR", ""));
        names.add(System.getenv().getOrDefault("XDG_RUNTIME_DIR", ""));
        names.addAll(List.of("/var/tmp", "/dev/shm"));
        var folders = new ArrayList<Path>();
        for (var name : names) {
            if (name.startsWith("/") && Files.isWritable(Path.of(name))) {
                folders.add(Path.of(name));
            }
        }
        return folders;
    }

    private static boolean isPosix(Path path) {
        return path.getFileSystem().supportedFileAttributeViews().contains("posix");
    }
}
