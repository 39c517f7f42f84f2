package dev.tutti.worker.data;

import dev.tutti.common.data.DataException;
import dev.tutti.common.data.Dataset;
import dev.tutti.common.data.DatasetFile;
import dev.tutti.common.format.Sha256;
import dev.tutti.worker.data.source.SourceFile;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * The dataset files of this machine, each under its digest, shared by all workers and runs. A
 * dataset found here is mapped, so that several processes hold it in memory once.
 *
 * @param folder made when the first dataset arrives
 */
public record DatasetCache(Path folder) {
    /** A file, on every system that has it: no folder can be made below. */
    private static final Path NOWHERE = Path.of("/dev/null");

    /**
     * Returns the folder for Tutti's caches, as the XDG Base Directory Specification has it: {@code
     * $XDG_CACHE_HOME/tutti} or {@code ~/.cache/tutti}. A user without a home has none: the folder
     * that is returned is one that cannot be made.
     *
     * @param environment variables of the process; {@code HOME} goes before {@code home}
     * @param home the user's home folder as the system's list of users has it
     */
    public static Path userFolder(Map<String, String> environment, String home) {
        return absolute(environment.getOrDefault("XDG_CACHE_HOME", ""))
                .or(() ->
                        absolute(environment.getOrDefault("HOME", ""))
                                .or(() -> absolute(home))
                                .map(found -> found.resolve(".cache")))
                .orElse(NOWHERE)
                .resolve("tutti");
    }

    /** Returns a path if it does not depend on where the process runs; others are ignored. */
    private static Optional<Path> absolute(String path) {
        return Optional.of(Path.of(path)).filter(Path::isAbsolute);
    }

    /**
     * Returns the dataset of this digest, mapped into {@code arena}; none if it is not here. A file
     * that does not have its digest any more is deleted, and is not here.
     *
     * @param arena one that every thread which gathers samples may use
     * @throws DataException if the cache cannot be read
     */
    public Optional<Dataset> find(String digest, Arena arena) {
        return file(digest, arena).map(DatasetFile::read);
    }

    /**
     * Returns the file of the dataset of this digest, mapped into {@code arena}; none if it is not
     * here.
     *
     * @throws DataException if the cache cannot be read
     */
    public Optional<MemorySegment> file(String digest, Arena arena) {
        var path = path(folder, digest);
        try {
            var bytes = TuttiFile.map(path, arena);
            if (Sha256.hex(bytes).equals(digest)) {
                return Optional.of(bytes);
            }
            Files.deleteIfExists(path);
            return Optional.empty();
        } catch (NoSuchFileException _) {
            return Optional.empty();
        } catch (IOException e) {
            throw new SourceFile(path).refused(e);
        }
    }

    /**
     * Writes a dataset's file into the cache.
     *
     * @return its digest
     * @throws DataException if it cannot be written
     */
    public String put(Dataset dataset) {
        try (var incoming = receive(DatasetFile.byteSize(dataset))) {
            DatasetFile.write(dataset, incoming.bytes());
            var digest = Sha256.hex(incoming.bytes());
            incoming.keep(digest);
            return digest;
        }
    }

    /**
     * Returns room for a dataset file that somebody else sends.
     *
     * @param byteSize of the whole file
     * @throws DataException if there is no room
     */
    public IncomingDataset receive(long byteSize) {
        return new IncomingDataset(folder, byteSize);
    }

    static Path path(Path folder, String digest) {
        if (!digest.matches("[0-9a-f]{64}")) {
            throw new DataException(
                    "a dataset's digest is 64 hexadecimal digits, found \"%s\"".formatted(digest));
        }
        return folder.resolve(digest + DatasetFile.ENDING);
    }
}
