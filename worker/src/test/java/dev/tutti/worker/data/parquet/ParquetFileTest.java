package dev.tutti.worker.data.parquet;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tutti.common.coding.ColumnCoding;
import dev.tutti.common.coding.FeatureCoding;
import dev.tutti.common.coding.MissingRule;
import dev.tutti.common.data.DataException;
import dev.tutti.common.data.Dataset;
import dev.tutti.common.vector.Floats;
import dev.tutti.common.vector.Shape;
import dev.tutti.worker.data.csv.CsvFile;
import dev.tutti.worker.data.idx.IdxFiles;
import dev.tutti.worker.data.source.Coding;
import dev.tutti.worker.data.source.DataOptions;
import dev.tutti.worker.data.source.NewSamples;
import dev.tutti.worker.data.source.TargetKind;
import dev.tutti.worker.data.table.MissingTokens;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Files that pyarrow wrote, by the script files.py beside them. */
public class ParquetFileTest {
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
                "missing | column a, row 3 is missing: --missing drop leaves such rows out, --missing mean, median or class fills such cells",
                "dates | column t is dates with times, expected numbers or words: make numbers of it, such as days: (pandas.to_datetime(df[\"t\"]) - pandas.Timestamp(\"2000-01-01\")).dt.days, or leave it out with --ignore t",
                "lists | column l.list.element is lists, expected numbers or words: make numbers of it, or leave it out",
                "brotli | it is packed with BROTLI, expected SNAPPY, GZIP, ZSTD or none: write it",
                "large | column a, row 2 is 1.0E300: expected a number that a 32-bit float can hold",
            })
    void whatIsNoTableOfNumbersIsRefusedInWords(String name, String message) {
        assertThatThrownBy(() -> open(name, TargetKind.BY_VALUES, List.of(), List.of()))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("%s.parquet: %s", name, message);
    }

    @ParameterizedTest
    @EnumSource(
            value = MissingRule.class,
            names = {"DROP", "MEAN", "MEDIAN", "CLASS"})
    void wordsAndMissingValuesAreCodedAsThoseOfText(MissingRule rule) {
        var text = "1.5,u,1,dog\n,v,2,cat\nNaN,,3,dog\n4.25,u,4,cat\n5,?,5,dog\n6,v,,cat\n";
        var table = IdxFiles.write(folder, "t.csv", ("a,w,n,y\n" + text.repeat(4)).getBytes(UTF_8));
        var file = IdxFiles.write(folder, "t.parquet", written("mixed.parquet"));
        for (var standardize : List.of(false, true)) {
            var coding =
                    new Coding(rule, MissingTokens.STANDARD, false, standardize, Optional.empty());
            var train = IntStream.range(0, rule == MissingRule.DROP ? 6 : 20).toArray();
            FeatureCoding fitted;
            Dataset expected;
            try (var rows = new CsvFile().read(options(table, coding), arena)) {
                fitted = rows.fit(train);
                expected = rows.encode(fitted);
            }
            try (var rows = parquet().read(options(file, coding), arena)) {
                assertThat(rows.fit(train)).isEqualTo(fitted);
                var found = rows.encode(fitted);
                assertThat(found.featureNames()).isEqualTo(expected.featureNames());
                assertThat(Floats.toArray(found.features().bytes()))
                        .containsExactly(Floats.toArray(expected.features().bytes()));
                assertThat(found.targets().bytes().toArray(JAVA_INT))
                        .containsExactly(expected.targets().bytes().toArray(JAVA_INT));
                assertThat(rows.notes()).isNotEmpty();
            }
            sameSamples(table, file, coding.with(fitted), fitted.width());
        }
    }

    private void sameSamples(Path table, Path file, Coding coding, int width) {
        var shape = Shape.of(width);
        var expected =
                new CsvFile().samples(options(table, coding).withSample(shape), List.of(), arena);
        var found =
                parquet()
                        .samples(options(file, coding).withSample(shape), List.of("w", "n"), arena);
        assertThat(found.incomplete()).isEqualTo(expected.incomplete());
        assertThat(found.kept()).startsWith(List.of("u", "1"), List.of("v", "2"), List.of("", "3"));
        for (var row = 0; row < found.count(); row++) {
            if (!found.incomplete().get(row)) {
                assertThat(row(found, row)).as("row %d", row).isEqualTo(row(expected, row));
            }
        }
    }

    private float[] row(NewSamples samples, int row) {
        var out = Floats.allocate(arena, samples.sample().size());
        samples.gather(row, row + 1, out);
        return Floats.toArray(out);
    }

    @Test
    void categoriesThatTheModelDoesNotKnowAreTold() {
        var file = IdxFiles.write(folder, "t.parquet", written("words.parquet"));
        var known = new ColumnCoding.OneHot("w", List.of("u", "x"), OptionalInt.empty());
        var coding = Coding.STANDARD.with(new FeatureCoding(List.of(known), Optional.empty()));
        var samples =
                parquet().samples(options(file, coding).withSample(Shape.of(2)), List.of(), arena);
        assertThat(row(samples, 0)).containsExactly(1, 0);
        assertThat(row(samples, 1)).containsExactly(0, 0);
        assertThat(samples.notes())
                .containsExactly(
                        file
                                + ": column w, row 2 is none of the 2 categories that the model was"
                                + " trained with; it counts as none of them");
        var index = new ColumnCoding.Index("w", List.of("u", "x"), OptionalInt.empty());
        var strict = Coding.STANDARD.with(new FeatureCoding(List.of(index), Optional.empty()));
        assertThatThrownBy(() ->
                        parquet()
                                .samples(
                                        options(file, strict).withSample(Shape.of(1)),
                                        List.of(),
                                        arena))
                .hasMessage(
                        "%s: column w, row 2 is none of the 2 categories that the model was trained with",
                        file);
        var numbers = new ColumnCoding.Numbers("w", OptionalDouble.empty());
        var wrong = Coding.STANDARD.with(new FeatureCoding(List.of(numbers), Optional.empty()));
        assertThatThrownBy(() ->
                        parquet()
                                .samples(
                                        options(file, wrong).withSample(Shape.of(1)),
                                        List.of(),
                                        arena))
                .hasMessageContaining(
                        "column w holds words, but the model was trained with numbers");
    }

    @Test
    void freeTextIsRefusedAndColumnsAreLeftOut() {
        var file = IdxFiles.write(folder, "t.parquet", written("text.parquet"));
        assertThatThrownBy(() -> parquet().open(options(file, Coding.STANDARD), arena))
                .hasMessageContaining("more than half of the cells of column \"t\"")
                .hasMessageEndingWith("leave it out with --ignore t");
        var without = options(file, Coding.STANDARD);
        var left = without.withReading(without.reading().withIgnored(List.of("t")));
        assertThat(parquet().open(left, arena).featureNames()).containsExactly("a");
        assertThatThrownBy(() -> parquet().open(left.withTargets(List.of("t")), arena))
                .hasMessageContaining("column \"t\" is named, but --ignore leaves it out");
        var other = without.withReading(without.reading().withIgnored(List.of("z")));
        assertThatThrownBy(() -> parquet().open(other, arena))
                .hasMessageContaining("it has no column \"z\"; it has a, t, y");
    }

    @Test
    void aRowWithoutATargetIsLeftOutOnRequest() {
        var file = IdxFiles.write(folder, "t.parquet", written("targets.parquet"));
        assertThatThrownBy(() -> parquet().open(options(file, Coding.STANDARD), arena))
                .hasMessageEndingWith(
                        "target y, row 2 is missing; a target cannot be filled: --missing drop leaves such rows out");
        var drop =
                new Coding(
                        MissingRule.DROP, MissingTokens.STANDARD, false, false, Optional.empty());
        var dataset = parquet().open(options(file, drop), arena);
        assertThat(Floats.toArray(dataset.features().bytes())).containsExactly(1, 3, 4);
    }

    private ParquetFile parquet() {
        return ParquetFile.standard(remarks::add);
    }

    private static DataOptions options(Path file, Coding coding) {
        return DataOptions.of(file.toString(), TargetKind.BY_VALUES).withCoding(coding);
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

    public static byte[] written(String name) {
        try (var in = ParquetFileTest.class.getResourceAsStream(name)) {
            return Objects.requireNonNull(in, name).readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
