package dev.tutti.worker.data;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tutti.common.data.DataException;
import dev.tutti.common.data.Dataset;
import dev.tutti.common.kernel.Floats;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Files that pyarrow wrote, by the script files.py beside them. */
class ParquetFileTest {
    private final Arena arena = Arena.ofAuto();
    private final List<String> remarks = new ArrayList<>();

    @TempDir private Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"snappy", "zstd", "gzip", "none", "pages2", "groups"})
    void numbersOfAnyTypeArePackedInAnyWay(String name) {
        var dataset = open(name, TargetKind.BY_VALUES, List.of(), List.of());
        assertThat(dataset.featureNames()).containsExactly("f4", "f8", "i8", "u4", "b", "d");
        assertThat(dataset.count()).isEqualTo(6);
        var values = Floats.toArray(dataset.features().bytes());
        for (var row = 0; row < 6; row++) {
            assertThat(Arrays.copyOfRange(values, 6 * row, 6 * row + 6))
                    .containsExactly(
                            row + 0.5f, row / 4f, -row, 4e9f + 256 * row, row % 2, row + 0.25f);
        }
        assertThat(dataset.targets().names()).containsExactly("cat", "dog");
        assertThat(dataset.targets().bytes().toArray(JAVA_INT)).containsExactly(1, 0, 1, 0, 1, 0);
        assertThat(remarks).containsExactly(name + ".parquet: target y: 2 classes (cat, dog)");
    }

    @Test
    void columnsAreChosenByTheirNames() {
        var dataset = open("snappy", TargetKind.VALUES, List.of("i8", "f4"), List.of("f8", "d"));
        assertThat(Floats.toArray(dataset.features().bytes()))
                .containsExactly(0, 0.5f, -1, 1.5f, -2, 2.5f, -3, 3.5f, -4, 4.5f, -5, 5.5f);
        assertThat(dataset.targets().names()).containsExactly("f8", "d");
        assertThat(Floats.toArray(dataset.targets().bytes()))
                .startsWith(0, 0.25f, 0.25f, 1.25f, 0.5f, 2.25f);
        assertThatThrownBy(() -> open("snappy", TargetKind.VALUES, List.of("none"), List.of("d")))
                .isInstanceOf(DataException.class)
                .hasMessageEndingWith("it has no column \"none\"; it has f4, f8, i8, u4, b, d, y");
        assertThatThrownBy(() -> open("snappy", TargetKind.VALUES, List.of("d"), List.of("d")))
                .hasMessageContaining("and each column once");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "missing | column a, row 3 is missing: fill it, such as with pandas.DataFrame.fillna,",
                "words | column w holds words, expected numbers: name the features without it with --features a,",
                "dates | column t is",
                "lists | column l.list.element is",
                "brotli | it is packed with BROTLI, expected SNAPPY, GZIP, ZSTD or none: write it",
                "large | column a, row 2 is 1.0E300: expected 2 rows of numbers that a 32-bit float can hold",
            })
    void whatIsNoTableOfNumbersIsRefusedInWords(String name, String message) {
        assertThatThrownBy(() -> open(name, TargetKind.BY_VALUES, List.of(), List.of()))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("%s.parquet: %s", name, message);
    }

    @Test
    void theIndexOfPandasIsLeftOut() {
        var dataset = open("index", TargetKind.BY_VALUES, List.of(), List.of());
        assertThat(dataset.featureNames()).containsExactly("a");
        assertThat(remarks.getFirst())
                .isEqualTo("index.parquet: left out: __index_level_0__, the index of pandas");
    }

    /** Where the reader finds an empty page, it looks for the next one there, for ever. */
    @Test
    void damageThatTheReaderNeverGetsOverEndsWithItsPatience() {
        var bytes = written("snappy.parquet");
        bytes[464] = 9;
        var path = IdxFiles.write(folder, "t.parquet", bytes);
        var options = DataOptions.of(path.toString(), TargetKind.BY_VALUES);
        assertThatThrownBy(() ->
                        new ParquetFile(remarks::add, Duration.ofSeconds(1)).open(options, arena))
                .isInstanceOf(DataException.class)
                .hasMessage(path + ": nothing came of column b for 1 s: it is damaged");
    }

    private Dataset open(
            String name, TargetKind kind, List<String> features, List<String> targets) {
        var path = IdxFiles.write(folder, name + ".parquet", written(name + ".parquet"));
        var options =
                DataOptions.of(path.toString(), kind).withFeatures(features).withTargets(targets);
        return ParquetFile.standard(remarks::add).open(options, arena);
    }

    static byte[] written(String name) {
        try (var in = ParquetFileTest.class.getResourceAsStream("parquet/" + name)) {
            return Objects.requireNonNull(in, name).readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
