package dev.tutti.worker.data.csv;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tutti.common.coding.ColumnCoding;
import dev.tutti.common.coding.FeatureCoding;
import dev.tutti.common.coding.MissingRule;
import dev.tutti.common.data.DataException;
import dev.tutti.common.vector.Floats;
import dev.tutti.common.vector.Shape;
import dev.tutti.worker.data.idx.IdxFiles;
import dev.tutti.worker.data.source.Coding;
import dev.tutti.worker.data.source.DataOptions;
import dev.tutti.worker.data.source.NewSamples;
import dev.tutti.worker.data.source.TargetKind;
import dev.tutti.worker.data.table.CsvHeader;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CsvFeaturesTest {
    private final Arena arena = Arena.ofConfined();

    @TempDir private Path folder;

    @AfterEach
    void close() {
        arena.close();
    }

    @Test
    void columnsAreTakenByTheNamesAndInTheOrderOfTheModel() {
        var path = IdxFiles.write(folder, "in.csv", "b,note,a\n1,x,2\n3,y,4\n".getBytes(UTF_8));
        var features =
                new CsvFile()
                        .samples(
                                options(path.toString(), List.of("a", "b"), CsvHeader.DETECT)
                                        .withSample(Shape.of(2)),
                                List.of(),
                                arena);
        assertThat(features.count()).isEqualTo(2);
        assertThat(Floats.toArray(features.features().bytes())).containsExactly(2, 1, 4, 3);
    }

    @Test
    void withoutNamesAllColumnsAreTakenAsTheyCome() {
        assertThat(Floats.toArray(read("p,q\n1,2\n", List.of(), 2).features().bytes()))
                .containsExactly(1, 2);
    }

    @Test
    void withoutALineOfNamesAsManyColumnsAsTheModelTakesAreTakenAsTheyCome() {
        assertThat(headless("1,2\n3,4\n", List.of("2", "3"))).containsExactly(1, 2, 3, 4);
        assertThat(headless("1,2,3\n", List.of("1", "3"))).containsExactly(1, 3);
    }

    @Test
    void samplesThatDoNotFitTheModelAreRefused() {
        assertThatThrownBy(() -> read("a,c\n1,2\n", List.of("a", "b"), 2))
                .isInstanceOf(DataException.class)
                .hasMessage("standard input: there is no column \"b\"; there are: a, c");
        assertThatThrownBy(() -> read("p,q\n1,2\n", List.of(), 3))
                .hasMessage(
                        "standard input: found 2 columns, expected 3: one for each element of the"
                                + " model's samples");
        assertThatThrownBy(() -> read("a\n1\nx\n", List.of("a"), 1))
                .hasMessage("standard input: line 3, column \"a\": \"x\" is not a finite number");
        assertThatThrownBy(() -> read("a\n", List.of("a"), 1))
                .hasMessage("standard input: it has no samples, only column names");
    }

    @Test
    void newRowsAreCodedAsTheModelSays() {
        var coding =
                new FeatureCoding(
                        List.of(
                                new ColumnCoding.Numbers("n", OptionalDouble.of(7.5)),
                                new ColumnCoding.OneHot(
                                        "w", List.of("", "a", "b"), OptionalInt.of(0))),
                        Optional.empty());
        var features = read("w,n\na,1\n?,2\nb,\nc,4\nd,5\n", coding(coding, MissingRule.CLASS), 4);
        assertThat(Floats.toArray(features.features().bytes()))
                .containsExactly(
                        1, 0, 1, 0, //
                        2, 1, 0, 0, //
                        7.5f, 0, 0, 1, //
                        4, 0, 0, 0, //
                        5, 0, 0, 0);
        assertThat(features.notes())
                .containsExactly(
                        "standard input: line 5, column \"w\": \"c\" is none of the 3 categories that"
                                + " the model was trained with; it counts as none of them, and so"
                                + " do 1 more such cells");
    }

    @Test
    void aRowWithAMissingValueHasNoPredictionWhereTrainingLeftSuchRowsOut() {
        var coding = new FeatureCoding(numbers("a", "b"), Optional.empty());
        var features = read("a,b\n1,2\n3,NA\n5,6\n", coding(coding, MissingRule.DROP), 2);
        assertThat(features.count()).isEqualTo(3);
        assertThat(features.incomplete().stream().toArray()).containsExactly(1);
    }

    @Test
    void aCellThatTheModelCannotTakeIsRefused() {
        var numbers = new FeatureCoding(numbers("a"), Optional.empty());
        assertThatThrownBy(() -> read("a\n1\n\"\"\n", coding(numbers, MissingRule.REFUSE), 1))
                .hasMessage(
                        "standard input: line 3, column \"a\": the cell is empty; the model was"
                                + " trained without missing values: fill the cell, leave out the"
                                + " row, or train with --missing");
        var index =
                new FeatureCoding(
                        List.of(
                                new ColumnCoding.Index(
                                        "w", List.of("x", "y"), OptionalInt.empty())),
                        Optional.empty());
        assertThat(
                        Floats.toArray(
                                read("w\ny\nx\n", coding(index, MissingRule.REFUSE), 1)
                                        .features()
                                        .bytes()))
                .containsExactly(1, 0);
        assertThatThrownBy(() -> read("w\nx\nz\n", coding(index, MissingRule.REFUSE), 1))
                .hasMessage(
                        "standard input: line 3, column \"w\": \"z\" is none of the 2 categories that"
                                + " the model was trained with");
        assertThatThrownBy(() -> read("w\nx\nNA\n", coding(index, MissingRule.CLASS), 1))
                .hasMessage(
                        "standard input: line 3, column \"w\": \"NA\" stands for a missing value;"
                                + " the model was trained without missing values here");
    }

    @Test
    void columnsAreCarriedThrough() {
        var options = options("standard input", List.of("a"), CsvHeader.DETECT);
        var in = new ByteArrayInputStream("id,a,b\nx,1,?\ny,2,\n".getBytes(UTF_8));
        var features = read(in, options, 1, List.of("b", "id"));
        assertThat(features.kept()).containsExactly(List.of("?", "x"), List.of("", "y"));
    }

    @Test
    void aColumnThatIsCarriedThroughStaysAsItIsWritten() {
        var options = options("standard input", List.of("a"), CsvHeader.DETECT);
        var in = new ByteArrayInputStream("id;a\n5,1;1,5\n1,234;2,5\n".getBytes(UTF_8));
        var features = read(in, options, 1, List.of("id"));
        assertThat(features.kept()).containsExactly(List.of("5,1"), List.of("1,234"));
        assertThat(Floats.toArray(features.features().bytes())).containsExactly(1.5f, 2.5f);
    }

    private float[] headless(String text, List<String> names) {
        var in = new ByteArrayInputStream(text.getBytes(UTF_8));
        var options = options("standard input", names, CsvHeader.NONE);
        return Floats.toArray(read(in, options, 2, List.of()).features().bytes());
    }

    private NewSamples read(String text, List<String> names, int width) {
        return read(text, options("standard input", names, CsvHeader.DETECT), width);
    }

    private NewSamples read(String text, DataOptions options, int width) {
        var in = new ByteArrayInputStream(text.getBytes(UTF_8));
        return read(in, options, width, List.of());
    }

    private NewSamples read(InputStream in, DataOptions options, int width, List<String> keep) {
        try (var table = new CsvTable(options.source(), in, options.reading())) {
            return CsvFeatures.read(table, options.withSample(Shape.of(width)), keep, arena);
        }
    }

    private static DataOptions options(String source, List<String> names, CsvHeader header) {
        var coding = new FeatureCoding(numbers(names.toArray(String[]::new)), Optional.empty());
        return DataOptions.of(source, TargetKind.VALUES)
                .withHeader(header)
                .withCoding(Coding.STANDARD.with(coding));
    }

    private static DataOptions coding(FeatureCoding coding, MissingRule rule) {
        var standard = Coding.STANDARD;
        return DataOptions.of("standard input", TargetKind.VALUES)
                .withCoding(
                        new Coding(rule, standard.tokens(), false, false, Optional.empty())
                                .with(coding));
    }

    private static List<ColumnCoding> numbers(String... names) {
        return Stream.of(names)
                .<ColumnCoding>map(name -> new ColumnCoding.Numbers(name, OptionalDouble.empty()))
                .toList();
    }
}
