package dev.tutti.worker.data;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tutti.common.data.DataException;
import dev.tutti.common.data.Dataset;
import dev.tutti.common.data.DatasetFile;
import dev.tutti.common.data.Features;
import dev.tutti.common.data.Targets;
import dev.tutti.common.format.Sha256;
import dev.tutti.common.vector.Floats;
import dev.tutti.common.vector.Shape;
import dev.tutti.worker.data.source.DataOptions;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DatasetCacheTest {
    private static final String UNKNOWN = "0".repeat(64);

    private final Arena arena = Arena.ofConfined();

    @TempDir private Path folder;

    @AfterEach
    void close() {
        arena.close();
    }

    @Test
    void whatWasPutIsFoundByItsDigest() {
        var dataset = dataset();
        var digest = cache().put(dataset);
        var found = cache().find(digest, arena).orElseThrow();
        assertThat(found.name()).isEqualTo(dataset.name());
        assertThat(found.features().bytes().mismatch(dataset.features().bytes())).isEqualTo(-1);
        assertThat(found.features().bytes().isMapped()).isTrue();
        assertThat(cache().find(UNKNOWN, arena)).isEmpty();
    }

    @Test
    void puttingTheSameAgainChangesNothing() throws IOException {
        var digest = cache().put(dataset());
        assertThat(cache().put(dataset())).isEqualTo(digest);
        assertThat(files()).containsExactly(digest + DatasetFile.ENDING);
    }

    @Test
    void aDamagedFileIsDroppedAndMayBePutAgain() throws IOException {
        var digest = cache().put(dataset());
        var path = folder.resolve("cache", digest + DatasetFile.ENDING);
        for (var damage : List.of(0, 100, -1)) {
            var bytes = Files.readAllBytes(path);
            bytes[damage < 0 ? bytes.length - 1 : damage] ^= 1;
            Files.write(path, bytes);
            assertThat(cache().find(digest, arena)).isEmpty();
            assertThat(files()).isEmpty();
            cache().put(dataset());
        }
        assertThat(cache().find(digest, arena)).isPresent();
    }

    @Test
    void truncatedFilesAreDropped() throws IOException {
        var digest = cache().put(dataset());
        var path = folder.resolve("cache", digest + DatasetFile.ENDING);
        var whole = Files.readAllBytes(path);
        for (var length : List.of(0, 1, 64, whole.length - 1)) {
            Files.write(path, Arrays.copyOf(whole, length));
            assertThat(cache().find(digest, arena)).as("%d bytes", length).isEmpty();
            assertThat(path).doesNotExist();
        }
    }

    @Test
    void aDatasetThatArrivesInAnyOrderIsKeptIfItsDigestHolds() throws IOException {
        var file = file();
        var digest = Sha256.hex(file);
        var half = file.byteSize() / 2;
        try (var incoming = cache().receive(file.byteSize())) {
            MemorySegment.copy(file, half, incoming.bytes(), half, file.byteSize() - half);
            MemorySegment.copy(file, 0, incoming.bytes(), 0, half);
            assertThat(cache().find(digest, arena)).isEmpty();
            incoming.keep(digest);
        }
        assertThat(cache().find(digest, arena)).isPresent();
        assertThat(files()).containsExactly(digest + DatasetFile.ENDING);
    }

    @Test
    void aDatasetThatWasDamagedOnItsWayLeavesNothing() throws IOException {
        var file = file();
        var digest = Sha256.hex(file);
        try (var incoming = cache().receive(file.byteSize())) {
            MemorySegment.copy(file, 0, incoming.bytes(), 0, file.byteSize());
            incoming.bytes().set(JAVA_BYTE, 99, (byte) 99);
            assertThatThrownBy(() -> incoming.keep(digest))
                    .isInstanceOf(DataException.class)
                    .hasMessageContaining("expected " + digest);
        }
        assertThat(files()).isEmpty();
    }

    @Test
    void aDatasetThatNeverArrivedWhollyLeavesNothing() throws IOException {
        try (var incoming = cache().receive(1000)) {
            incoming.bytes().set(JAVA_BYTE, 0, (byte) 1);
            assertThat(files()).hasSize(1);
        }
        assertThat(files()).isEmpty();
    }

    @Test
    void partsOfAKilledProcessAreDeletedAfterADay() throws IOException {
        var cache = Files.createDirectory(folder.resolve("cache"));
        var old = Files.createFile(cache.resolve("1.part"));
        Files.setLastModifiedTime(old, FileTime.from(Instant.now().minus(2, ChronoUnit.DAYS)));
        var young = Files.createFile(cache.resolve("2.part"));
        cache().put(dataset());
        assertThat(old).doesNotExist();
        assertThat(young).exists();
    }

    @Test
    void aFolderThatCannotBeWrittenIsNamed() throws IOException {
        Files.createFile(folder.resolve("cache"));
        assertThatThrownBy(() -> cache().put(dataset()))
                .isInstanceOf(DataException.class)
                .hasMessageStartingWith(
                        "cannot write a dataset to the cache " + folder.resolve("cache"));
    }

    @Test
    void aDigestIsNeverAPath() {
        for (var wrong : List.of("", "../../etc/passwd", "A".repeat(64), "0".repeat(63))) {
            assertThatThrownBy(() -> cache().find(wrong, arena))
                    .hasMessage(
                            "a dataset's digest is 64 hexadecimal digits, found \"%s\""
                                    .formatted(wrong));
        }
    }

    @Test
    void theUsersFolderFollowsTheSpecification() {
        var home = "/home/u";
        assertThat(DatasetCache.userFolder(Map.of(), home))
                .isEqualTo(Path.of("/home/u/.cache/tutti"));
        assertThat(DatasetCache.userFolder(Map.of("XDG_CACHE_HOME", "/fast"), home))
                .isEqualTo(Path.of("/fast/tutti"));
        for (var ignored : List.of("", "relative")) {
            assertThat(DatasetCache.userFolder(Map.of("XDG_CACHE_HOME", ignored), home))
                    .isEqualTo(Path.of("/home/u/.cache/tutti"));
        }
    }

    /** The JVM knows the home that the system's list of users has, or "?" where it has none. */
    @Test
    void theUsersFolderIsBelowTheHomeOfTheEnvironmentAndNeverRelative() {
        assertThat(DatasetCache.userFolder(Map.of("HOME", "/elsewhere"), "/home/u"))
                .isEqualTo(Path.of("/elsewhere/.cache/tutti"));
        for (var ignored : List.of("", "relative")) {
            assertThat(DatasetCache.userFolder(Map.of("HOME", ignored), "/home/u"))
                    .isEqualTo(Path.of("/home/u/.cache/tutti"));
        }
        var none = DatasetCache.userFolder(Map.of(), "?");
        assertThat(none).isAbsolute();
        assertThatThrownBy(() -> Files.createDirectories(none)).isInstanceOf(IOException.class);
    }

    @Test
    void aDatasetFileIsASourceToo() {
        var digest = cache().put(dataset());
        var path = folder.resolve("cache", digest + DatasetFile.ENDING).toString();
        var source = new TuttiFile();
        assertThat(source.accepts(path)).isTrue();
        var options = DataOptions.of(path, Targets.Kind.LABELS);
        assertThat(source.open(options, arena).name()).isEqualTo("d");
        var none = DataOptions.of(folder + "/none.tutti-data", Targets.Kind.LABELS);
        assertThatThrownBy(() -> source.open(none, arena))
                .hasMessage(folder + "/none.tutti-data: there is no such file");
    }

    private DatasetCache cache() {
        return new DatasetCache(folder.resolve("cache"));
    }

    private List<String> files() throws IOException {
        try (var files = Files.list(folder.resolve("cache"))) {
            return files.map(path -> path.getFileName().toString()).toList();
        }
    }

    private MemorySegment file() {
        var file = arena.allocate(DatasetFile.byteSize(dataset()), 64);
        DatasetFile.write(dataset(), file);
        return file;
    }

    private Dataset dataset() {
        return new Dataset(
                "d",
                Shape.of(2),
                2,
                0,
                List.of("a", "b"),
                new Features.Reals(Floats.of(arena, 1, 2, 3, 4)),
                new Targets.Values(List.of("y"), Floats.of(arena, 5, 6)));
    }
}
