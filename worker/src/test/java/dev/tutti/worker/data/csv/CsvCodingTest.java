package dev.tutti.worker.data.csv;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.tutti.common.coding.ColumnCoding;
import dev.tutti.common.coding.FeatureCoding;
import dev.tutti.common.coding.MissingRule;
import dev.tutti.common.data.DataException;
import dev.tutti.common.data.Dataset;
import dev.tutti.common.data.Standardization;
import dev.tutti.common.random.Seeds;
import dev.tutti.common.vector.Floats;
import dev.tutti.common.vector.Shape;
import dev.tutti.worker.data.idx.IdxFiles;
import dev.tutti.worker.data.source.Coding;
import dev.tutti.worker.data.source.DataOptions;
import dev.tutti.worker.data.source.RawData;
import dev.tutti.worker.data.source.TargetKind;
import dev.tutti.worker.data.table.CellStore;
import dev.tutti.worker.data.table.MissingTokens;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Missing values and columns of words: found out, fitted to the training rows, and used again. */
class CsvCodingTest {
    private static final Coding STANDARD = Coding.STANDARD;
    private static final long SEED = 1;
    private static final int LARGE = CellStore.BLOCK / 2;

    private final Arena arena = Arena.ofConfined();

    @TempDir private Path folder;

    @AfterEach
    void close() {
        arena.close();
    }

    @Test
    void rowsWithAMissingValueAreLeftOutAndLinesStayRight() {
        var text = "a,w,y\n1,x,0\n?,x,1\n\n3,NULL,0\n4,z,\n5,z,1\n6,x,0\n";
        try (var rows = read(text, missing(MissingRule.DROP))) {
            assertThat(rows.count()).isEqualTo(3);
            assertThat(rows.line(0)).isEqualTo(2);
            assertThat(rows.line(1)).isEqualTo(7);
            assertThat(rows.line(2)).isEqualTo(8);
            var dataset = rows.encode(rows.fit(new int[] {0, 1, 2}));
            assertThat(floats(dataset)).containsExactly(1, 1, 0, 5, 0, 1, 6, 1, 0);
            assertThat(dataset.targets().bytes().toArray(JAVA_INT)).containsExactly(0, 1, 0);
            assertThat(rows.notes())
                    .containsExactly(
                            "columns of words and their categories, one input for each category: w"
                                    + " 2",
                            "3 of 6 rows are left out, since they have a missing value");
        }
    }

    /** More cells than are in memory at once. */
    @ParameterizedTest
    @EnumSource(MissingRule.class)
    void aLargeTableIsCodedAsItsNumbersSay(MissingRule rule) {
        var random = Seeds.of(SEED, "large table");
        var cells = new double[LARGE][3];
        var text = new StringBuilder("a,w,b,c,y\n");
        for (var row = 0; row < LARGE; row++) {
            var gap = rule != MissingRule.REFUSE && random.nextInt(10) == 0;
            cells[row] =
                    new double[] {
                        gap ? Double.NaN : random.nextInt(1000) / 8.0,
                        1.7e12 + random.nextInt(1_000_000),
                        random.nextDouble()
                    };
            text.append(gap ? "" : Double.toString(cells[row][0]))
                    .append(row % 2 == 0 ? ",even," : ",odd,")
                    .append(Double.toString(cells[row][1]))
                    .append(',')
                    .append(Double.toString(cells[row][2]))
                    .append(row % 3 == 0 ? ",x\n" : ",z\n");
        }
        var kept =
                IntStream.range(0, LARGE)
                        .filter(row -> rule != MissingRule.DROP || !Double.isNaN(cells[row][0]))
                        .toArray();
        var train = IntStream.range(0, kept.length).filter(i -> i % 4 > 0).toArray();
        try (var rows =
                read(
                        text.toString(),
                        new Coding(rule, MissingTokens.STANDARD, false, true, Optional.empty()))) {
            var coding = rows.fit(train);
            var dataset = rows.encode(coding);
            assertThat(rows.count()).isEqualTo(kept.length);
            var filled = filled(cells, rule, IntStream.of(train).map(i -> kept[i]).toArray());
            var measured =
                    Standardization.of(
                            train.length,
                            3,
                            (index, out) ->
                                    System.arraycopy(filled[kept[train[index]]], 0, out, 0, 3));
            var expected = new float[kept.length * 5];
            for (var i = 0; i < kept.length; i++) {
                var row = filled[kept[i]];
                expected[5 * i] = scaled(measured, 0, row);
                expected[5 * i + 1 + kept[i] % 2] = 1;
                expected[5 * i + 3] = scaled(measured, 1, row);
                expected[5 * i + 4] = scaled(measured, 2, row);
            }
            assertThat(floats(dataset)).as("seed %d", SEED).isEqualTo(expected);
            var labels = dataset.targets().bytes().toArray(JAVA_INT);
            assertThat(labels)
                    .isEqualTo(IntStream.of(kept).map(row -> row % 3 == 0 ? 0 : 1).toArray());
        }
    }

    private static float scaled(Standardization measured, int column, double[] row) {
        return (float)
                ((row[column] - measured.means().get(column)) / measured.deviations().get(column));
    }

    /** Fills the first column's gaps with what the training rows give. */
    private static double[][] filled(double[][] cells, MissingRule rule, int[] train) {
        var present =
                IntStream.of(train)
                        .mapToDouble(row -> cells[row][0])
                        .filter(cell -> !Double.isNaN(cell))
                        .toArray();
        var sum = 0.0;
        for (var cell : present) {
            sum += cell;
        }
        var sorted = present.clone();
        Arrays.sort(sorted);
        var low = sorted[(sorted.length - 1) / 2];
        var high = sorted[sorted.length / 2];
        var fill = rule == MissingRule.MEDIAN ? low + (high - low) / 2 : sum / present.length;
        return Arrays.stream(cells)
                .map(row -> Double.isNaN(row[0]) ? new double[] {fill, row[1], row[2]} : row)
                .toArray(double[][]::new);
    }

    @ParameterizedTest
    @CsvSource({"MEAN, 7.0", "MEDIAN, 4.0", "CLASS, 7.0"})
    void numbersAreFilledByTheTrainingRowsAlone(MissingRule rule, double fill) {
        var text = "a,y\n2,0\n,1\n4,0\n15,1\n1000,0\nna,1\n";
        try (var rows = read(text, missing(rule))) {
            var coding = rows.fit(new int[] {0, 1, 2, 3});
            assertThat(coding.columns())
                    .containsExactly(new ColumnCoding.Numbers("a", OptionalDouble.of(fill)));
            var value = (float) fill;
            assertThat(floats(rows.encode(coding))).containsExactly(2, value, 4, 15, 1000, value);
            assertThat(rows.notes())
                    .singleElement()
                    .asString()
                    .startsWith("2 missing cells are filled with the ")
                    .endsWith(": a 2");
        }
    }

    @Test
    void theMedianOfAnEvenCountIsTheMiddleOfTwo() {
        try (var rows = read("a,y\n1,0\n,1\n4,0\n2,1\n10,1\n", missing(MissingRule.MEDIAN))) {
            assertThat(rows.fit(new int[] {0, 1, 2, 3, 4}).columns())
                    .containsExactly(new ColumnCoding.Numbers("a", OptionalDouble.of(3)));
        }
    }

    @Test
    void missingWordsAreTheMostFrequentOneOrACategory() {
        var text = "w,y\nb,0\na,1\n?,0\nb,1\na,0\nb,1\n";
        var all = new int[] {0, 1, 2, 3, 4, 5};
        try (var rows = read(text, missing(MissingRule.MEDIAN))) {
            var coding = rows.fit(all);
            assertThat(coding.columns())
                    .containsExactly(
                            new ColumnCoding.OneHot("w", List.of("a", "b"), OptionalInt.of(1)));
            assertThat(floats(rows.encode(coding)))
                    .containsExactly(0, 1, 1, 0, 0, 1, 0, 1, 1, 0, 0, 1);
        }
        try (var rows = read(text, missing(MissingRule.CLASS))) {
            var coding = rows.fit(all);
            assertThat(coding.featureNames()).containsExactly("w=", "w=a", "w=b");
            assertThat(floats(rows.encode(coding)))
                    .containsExactly(0, 0, 1, 0, 1, 0, 1, 0, 0, 0, 0, 1, 0, 1, 0, 0, 0, 1);
        }
    }

    @Test
    void listedTokensAreMissingAndNoOthers() {
        var coding =
                new Coding(
                        MissingRule.MEAN,
                        MissingTokens.of(List.of("-999", "Unknown")),
                        false,
                        false,
                        Optional.empty());
        try (var rows =
                read("a,w,y\n1,x,0\n-999,NA,1\n3,unknown,0\n5,NA,1\n,x,1\n7,NA,0\n", coding)) {
            assertThat(rows.fit(new int[] {0, 1, 2, 3, 4, 5}).columns())
                    .containsExactly(
                            new ColumnCoding.Numbers("a", OptionalDouble.of(4)),
                            new ColumnCoding.OneHot("w", List.of("NA", "x"), OptionalInt.of(0)));
        }
        assertThatThrownBy(() -> MissingTokens.of(List.of("a", " ")))
                .isInstanceOf(DataException.class)
                .hasMessageStartingWith("--missing-tokens has an empty token");
    }

    @Test
    void oneCategoryIsOneFeatureInTheOrderOfItsCharacters() {
        try (var rows = read("w,n,y\nb c,1,0\nÄ,2,1\nA,3,0\n10,4,1\n\" A \",5,0\n", STANDARD)) {
            var coding = rows.fit(new int[] {0, 1, 2, 3, 4});
            assertThat(coding.featureNames()).containsExactly("w=10", "w=A", "w=b c", "w=Ä", "n");
            assertThat(floats(rows.encode(coding)))
                    .containsExactly(
                            0, 0, 1, 0, 1, //
                            0, 0, 0, 1, 2, //
                            0, 1, 0, 0, 3, //
                            1, 0, 0, 0, 4, //
                            0, 1, 0, 0, 5);
        }
    }

    @Test
    void aCategoryThatNoTrainingRowHasIsNoneOfThem() {
        try (var rows = read("w,y\na,0\nb,1\nc,0\nc,1\n", STANDARD)) {
            var coding = rows.fit(new int[] {0, 1});
            assertThat(floats(rows.encode(coding))).containsExactly(1, 0, 0, 1, 0, 0, 0, 0);
            assertThat(rows.notes())
                    .endsWith(
                            "2 cells hold a category that no training sample has; they count as none");
        }
    }

    @Test
    void anEmbeddingGetsTheIndicesOfAllCategories() {
        var indices =
                new Coding(MissingRule.REFUSE, STANDARD.tokens(), true, false, Optional.empty());
        try (var rows = read("w,y\nb,0\na,1\nc,0\n", indices)) {
            var coding = rows.fit(new int[] {0, 1});
            assertThat(coding.columns())
                    .containsExactly(
                            new ColumnCoding.Index(
                                    "w", List.of("a", "b", "c"), OptionalInt.empty()));
            assertThat(floats(rows.encode(coding))).containsExactly(1, 0, 2);
        }
    }

    @Test
    void aModelThatWasTrainedOnNoTableTakesAllColumnsAsNumbers() {
        var none = STANDARD.with(FeatureCoding.NONE);
        try (var rows = read("a,b,y\n1,2,0\n3,4,1\n", none)) {
            assertThat(floats(rows.encode(FeatureCoding.NONE))).containsExactly(1, 2, 3, 4);
        }
        var other =
                new FeatureCoding(
                        List.of(), Optional.of(new Standardization(List.of(0.0), List.of(1.0))));
        assertThatThrownBy(() -> read("a,b,y\n1,2,0\n", STANDARD.with(other)))
                .isInstanceOf(DataException.class)
                .hasMessageEndingWith(
                        "data.csv: found 2 columns, expected 1: one for each element of the model's samples");
    }

    @Test
    void freeTextIsRefusedByName() {
        var text = new StringBuilder("id,name,w,y\n");
        for (var i = 0; i < 11; i++) {
            text.append(i).append(",name ").append(i).append(",w").append(i % 5).append(",0\n");
        }
        assertThatThrownBy(() -> read(text.toString(), STANDARD))
                .isInstanceOf(DataException.class)
                .hasMessage(
                        folder.resolve("data.csv")
                                + ": more than half of the cells of column \"name\" are different"
                                + " words, which is free text and no set of categories: leave it"
                                + " out with --ignore name");
        var ten = text.substring(0, text.lastIndexOf("10,name 10"));
        try (var rows = read(ten, STANDARD)) {
            assertThat(rows.fit(new int[] {0, 1}).width()).isEqualTo(1 + 2 + 2);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    a,y;?,0;NA,1           | MEAN  | column "a" has no value at all: leave it out with --ignore a
                    a,y;?,0;NA,1           | DROP  | column "a" has no value at all: leave it out with --ignore a
                    a,b,y;?,1,0;1,NA,1     | DROP  | each of its 2 rows has a missing value, and --missing drop leaves none
                    a,y;1,0;2,;3,1         | MEAN  | line 3, column "y": the cell is empty; a target cannot be filled: --missing drop leaves such rows out
                    """)
    void whatCannotBeFilledIsRefused(String lines, MissingRule rule, String message) {
        assertThatThrownBy(() -> read(lines.replace(';', '\n') + "\n", missing(rule)))
                .isInstanceOf(DataException.class)
                .hasMessageStartingWith(folder.resolve("data.csv") + ": " + message);
    }

    @Test
    void aColumnWithoutAValueInTheTrainingRowsIsRefused() {
        try (var rows = read("a,y\n,0\n1,1\n", missing(MissingRule.MEAN))) {
            assertThatThrownBy(() -> rows.fit(new int[] {0}))
                    .hasMessage(
                            folder.resolve("data.csv")
                                    + ": column \"a\" has no value in the 1 training samples: leave"
                                    + " it out with --ignore a");
        }
    }

    @Test
    void numbersAreStandardisedInDoublesAndCategoriesStay() {
        var text = "t,w,y\n1700000000001,a,0\n1700000000002,b,1\n1700000000006,a,0\n";
        try (var rows = read(text, standardized())) {
            var coding = rows.fit(new int[] {0, 1, 2});
            var values = floats(rows.encode(coding));
            var deviation = Math.sqrt((4 + 1 + 9) / 3.0);
            assertThat(values[0]).isCloseTo((float) (-2 / deviation), within(1e-4f));
            assertThat(values[3]).isCloseTo((float) (-1 / deviation), within(1e-4f));
            assertThat(values[6]).isCloseTo((float) (3 / deviation), within(1e-4f));
            assertThat(new float[] {values[1], values[2], values[4], values[5]})
                    .containsExactly(1, 0, 0, 1);
        }
    }

    @Test
    void withoutStandardisationACellIsTheNearestFloat() {
        // Halfway between two floats but for the last digit: rounded to a double first, it is lost.
        var cell = "1.00000017881393432617187499";
        try (var rows = read("a,y\n" + cell + ",0\n1,1\n", STANDARD)) {
            assertThat(floats(rows.encode(rows.fit(new int[] {0, 1})))[0])
                    .isEqualTo(Float.parseFloat(cell))
                    .isNotEqualTo((float) Double.parseDouble(cell));
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = MissingRule.class,
            names = {"MEAN", "MEDIAN", "CLASS"})
    void trainingEvaluatingAndPredictingGiveTheSameFloats(MissingRule rule) {
        var seed = 5L;
        var text = drawn(seed);
        var coding = new Coding(rule, STANDARD.tokens(), false, true, Optional.empty());
        FeatureCoding fitted;
        float[] trained;
        try (var rows = read(text, coding)) {
            fitted = rows.fit(IntStream.range(0, 150).toArray());
            trained = floats(rows.encode(fitted));
        }
        var options = options(coding.with(fitted)).withFeatures(fitted.columnNames());
        assertThat(floats(new CsvFile().open(options, arena)))
                .as("seed %d", seed)
                .isEqualTo(trained);
        var wanted = options.withSample(Shape.of(fitted.width()));
        var features = new CsvFile().samples(wanted, List.of(), arena).features();
        assertThat(Floats.toArray(features.bytes())).as("seed %d", seed).isEqualTo(trained);
    }

    /** Draws 200 rows of two columns of numbers and one of words, each with missing cells. */
    private static String drawn(long seed) {
        var random = Seeds.of(seed, "csv-coding-test");
        var lines = new ArrayList<String>(List.of("a,b,w,y"));
        for (var i = 0; i < 200; i++) {
            lines.add(
                    "%s,%s,%s,%d"
                            .formatted(
                                    random.nextInt(9) == 0 ? "" : 1e12 + random.nextGaussian(),
                                    random.nextInt(9) == 0 ? "NaN" : random.nextInt(100),
                                    random.nextInt(9) == 0 ? "?" : "w" + random.nextInt(6),
                                    i % 2));
        }
        return String.join("\n", lines) + "\n";
    }

    private static Coding missing(MissingRule rule) {
        return new Coding(rule, STANDARD.tokens(), false, false, Optional.empty());
    }

    private static Coding standardized() {
        return new Coding(MissingRule.REFUSE, STANDARD.tokens(), false, true, Optional.empty());
    }

    private RawData read(String text, Coding coding) {
        IdxFiles.write(folder, "data.csv", text.getBytes(UTF_8));
        return new CsvFile().read(options(coding), arena);
    }

    private DataOptions options(Coding coding) {
        return DataOptions.of(folder.resolve("data.csv").toString(), TargetKind.BY_VALUES)
                .withCoding(coding);
    }

    private static float[] floats(Dataset dataset) {
        return Floats.toArray(dataset.features().bytes());
    }
}
