package dev.tutti.worker.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tutti.common.data.DataException;
import dev.tutti.common.data.Dataset;
import dev.tutti.common.data.DatasetFile;
import dev.tutti.common.format.Sha256;
import dev.tutti.common.vector.Floats;
import dev.tutti.worker.data.table.CountedArena;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What holds for every kind of data source. */
class DataSourceLawsTest {
    private static final long SEED = Long.getLong("tutti.laws.seed", 20_261_129);
    private static final int DAMAGES = 60;

    /** Far more than any example needs, far less than a damaged size can announce. */
    private static final long DAMAGED_BYTES_MAX = 1 << 24;

    @TempDir private Path folder;

    static List<Named<SourceExample.Maker>> examples() {
        return SourceExample.all();
    }

    @Test
    void everyKindHasAnExample() throws IOException {
        var known =
                DataSources.standard(folder, (_, _, _) -> {}).kinds().stream()
                        .map(Object::getClass)
                        .collect(Collectors.toSet());
        var tried = new HashSet<Class<?>>();
        for (var maker : examples()) {
            tried.add(maker.getPayload().in(fresh("kind" + tried.size())).kind().getClass());
        }
        assertThat(tried).as("a new kind needs an example").isEqualTo(known);
    }

    @ParameterizedTest
    @MethodSource("examples")
    void aSourceIsTakenByItsOwnKind(SourceExample.Maker maker) {
        var example = maker.in(folder);
        var kinds = DataSources.standard(folder, (_, _, _) -> {}).kinds();
        assertThat(kinds.stream().filter(kind -> kind.accepts(example.source())).findFirst())
                .get()
                .isInstanceOf(example.kind().getClass());
        assertThat(example.kind().description()).isNotBlank().doesNotContain("\n");
    }

    @ParameterizedTest
    @MethodSource("examples")
    void theSameBytesGiveTheSameDigestWhereverTheyAre(SourceExample.Maker maker)
            throws IOException {
        var one = maker.in(fresh("one/data"));
        var other = maker.in(fresh("other/data"));
        assertThat(digest(one)).isEqualTo(digest(one)).isEqualTo(digest(other));
    }

    @ParameterizedTest
    @MethodSource("examples")
    void aModelMayNameTheColumnsOfItsData(SourceExample.Maker maker) {
        var example = maker.in(folder);
        var dataset = open(example);
        var again = example.options().withFeatures(dataset.featureNames());
        var opened = example.kind().open(again, Arena.ofAuto());
        assertThat(opened.featureNames()).isEqualTo(dataset.featureNames());
        assertThat(opened.features().bytes().mismatch(dataset.features().bytes())).isEqualTo(-1);
    }

    @ParameterizedTest
    @MethodSource("examples")
    void memoryIsThatOfTheSamplesAndLittleMore(SourceExample.Maker maker) {
        var example = maker.in(folder);
        long bytes;
        try (var arena = Arena.ofConfined()) {
            var dataset = example.kind().open(example.options(), arena);
            bytes = dataset.features().bytes().byteSize() + dataset.targets().bytes().byteSize();
        }
        try (var arena = new CountedArena(bytes * 3 / 2)) {
            assertThat(example.kind().open(example.options(), arena).count()).isPositive();
        }
    }

    @ParameterizedTest
    @MethodSource("examples")
    void damagedFilesAreReadOrRefusedInOneLine(SourceExample.Maker maker) throws IOException {
        var example = maker.in(folder);
        for (var file : example.files()) {
            var whole = Files.readAllBytes(file);
            for (var i = 0; i < DAMAGES; i++) {
                var random = new SplittableRandom(SEED + i);
                Files.write(file, damaged(random, whole));
                attempt(example, "%s, seed %d".formatted(file, SEED + i));
            }
            Files.write(file, whole);
        }
    }

    @ParameterizedTest
    @MethodSource("examples")
    void everyShorterFileIsReadOrRefusedInOneLine(SourceExample.Maker maker) throws IOException {
        var example = maker.in(folder);
        for (var file : example.files()) {
            var whole = Files.readAllBytes(file);
            var step = Math.max(1, whole.length / DAMAGES);
            for (var length = 0; length < whole.length; length += step) {
                Files.write(file, Arrays.copyOf(whole, length));
                attempt(example, "%s, cut to %d bytes".formatted(file, length));
            }
            Files.write(file, whole);
        }
    }

    @ParameterizedTest
    @MethodSource("examples")
    void missingFilesAreReadWithoutOrRefusedInOneLine(SourceExample.Maker maker)
            throws IOException {
        var example = maker.in(folder);
        for (var file : example.files()) {
            var whole = Files.readAllBytes(file);
            Files.delete(file);
            attempt(example, file + " is missing");
            Files.write(file, whole);
        }
        var source = Path.of(example.source());
        if (example.files().contains(source)) {
            Files.delete(source);
            assertThatThrownBy(() -> open(example))
                    .isInstanceOf(DataException.class)
                    .hasMessageStartingWith(source + ": there is no such file");
        }
    }

    private static void attempt(SourceExample example, String what) {
        try (var arena = new CountedArena(DAMAGED_BYTES_MAX)) {
            assertThat(example.kind().open(example.options(), arena).count()).as(what).isPositive();
        } catch (DataException e) {
            assertThat(e.getMessage()).as(what).isNotBlank().doesNotContain("\n");
        } catch (RuntimeException | Error e) {
            throw new AssertionError(what, e);
        }
    }

    private static byte[] damaged(SplittableRandom random, byte[] whole) {
        var bytes = whole.clone();
        return switch (random.nextInt(4)) {
            case 0 -> {
                bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
                yield bytes;
            }
            case 1 -> {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
                yield bytes;
            }
            case 2 -> {
                // Four bytes of a number that is too large, too small or zero.
                var fill = new byte[] {0, -1, 127}[random.nextInt(3)];
                var at = random.nextInt(bytes.length);
                IntStream.range(at, Math.min(bytes.length, at + 4)).forEach(i -> bytes[i] = fill);
                yield bytes;
            }
            default -> Arrays.copyOf(bytes, bytes.length + random.nextInt(1, 9));
        };
    }

    private static String digest(SourceExample example) {
        try (var arena = Arena.ofConfined()) {
            var dataset = example.kind().open(example.options(), arena);
            var bytes = arena.allocate(DatasetFile.byteSize(dataset), Floats.ALIGNMENT_BYTES);
            DatasetFile.write(dataset, bytes);
            return Sha256.hex(bytes);
        }
    }

    private static Dataset open(SourceExample example) {
        return example.kind().open(example.options(), Arena.ofAuto());
    }

    private Path fresh(String name) throws IOException {
        return Files.createDirectories(folder.resolve(name));
    }
}
