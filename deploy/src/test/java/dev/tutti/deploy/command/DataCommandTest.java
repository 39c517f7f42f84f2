package dev.tutti.deploy.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tutti.deploy.cli.ExitCode;
import dev.tutti.deploy.support.Cli;
import dev.tutti.worker.data.source.FirstRows;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code tutti data} says of a file. */
class DataCommandTest {
    private static final String CASES = "src/test/resources/dev/tutti/deploy/cases/";

    @TempDir Path temporary;

    @Test
    void missingValuesAndWordsAreShownAndNotRefused() throws IOException {
        var rows = "1,u,0\n2,v,1\n3,u,0\n,v,1\n".repeat(10);
        var file = Files.writeString(temporary.resolve("data.csv"), "a,w,y\n" + rows);
        var shown = shown(file.toString());
        assertThat(shown.out())
                .contains("one input for each category: w 2")
                .contains("10 missing cells are filled")
                .contains("w=u");
        assertThat(shown.err())
                .contains("warning: 10 cells are missing, which tutti train refuses");
        var handled = shown(file.toString(), "--missing", "drop");
        assertThat(handled.out()).contains("10 of 40 rows are left out");
        assertThat(handled.err()).doesNotContain("cells are missing");
    }

    @Test
    void aTableOfClassesIsShownWithItsColumnsAndClasses() {
        var iris = shown(CASES + "iris.csv");
        assertThat(iris.out())
                .startsWith(
                        """
                        iris: 150 samples of 4
                        target species: 3 classes (Iris-setosa, Iris-versicolor, Iris-virginica), softmax-cross-entropy
                        120 samples train, 15 validate, 15 test
                        model dense(units=128),relu,dense(units=64),relu,dense(units=3), 9091 parameters, 3 outputs, loss softmax-cross-entropy
                        """)
                .containsPattern("Iris-virginica +50 +0.3333");
        assertThat(iris.err()).isEmpty();
    }

    @Test
    void columnsHaveTheirKindAndFigures() throws IOException {
        var file = csv("id,flag,same,real,y", i -> "%d,%d,7,%d.5,%d".formatted(i, i % 2, i, i * i));
        var view = new ObjectMapper().readTree(shown(file, "--json").out());
        assertThat(view.get("features"))
                .extracting(column -> column.get("kind").asText())
                .containsExactly("counting", "two values", "constant", "real");
        var real = view.get("features").get(3);
        assertThat(real.get("min").asDouble()).isEqualTo(0.5);
        assertThat(real.get("max").asDouble()).isEqualTo(39.5);
        assertThat(real.get("mean").asDouble()).isEqualTo(20);
        // NumPy's std of 0.5, 1.5, … 39.5.
        assertThat(real.get("deviation").asDouble()).isCloseTo(11.543396, within(1e-6));
        assertThat(view.get("targets").get(0).get("name").asText()).isEqualTo("y");
        assertThat(view.get("training").get("task").asText()).isEqualTo("regression");
        assertThat(view.get("training").get("loss").asText()).isEqualTo("mse");
    }

    @Test
    void whatSpoilsTrainingIsWarnedOf() throws IOException {
        var file =
                csv(
                        "id,same,small,large,y",
                        i ->
                                "%d,7,0.%02d,%d,%s"
                                        .formatted(
                                                i,
                                                i * 7 % 40,
                                                i * 31 % 40 * 1000,
                                                "ab".charAt(i % 2)));
        assertThat(shown(file).err())
                .contains(
                        "warning: the same in all samples, so that nothing can be learned of it: same")
                .contains("warning: counts the samples, as a row's number does")
                .contains("of large")
                .contains("of small): give --standardize");
        assertThat(shown(CASES + "huge.csv").err()).contains("its square overflows");
        assertThat(shown(CASES + "iris-one-class.csv").err())
                .contains("warning: iris-one-class: all 40 training samples are of one class");
        var rare = csv("x,y", 400, i -> i + ".5," + (i == 7 || i == 8 ? "rare" : "often"));
        assertThat(shown(rare).err())
                .contains("less than 1 % of the samples: class rare (2)")
                .contains("--class-weights balanced");
    }

    @Test
    void imagesAreOneRowAndBadDataIsRefused() {
        var digits = shown("digits");
        assertThat(digits.out())
                .contains("digits: 1797 samples of 1×8×8")
                .containsPattern("inputs +");
        assertThat(digits.err()).isEmpty();
        var missing = Cli.run("data", "nothing.csv");
        assertThat(missing.exitCode()).isEqualTo(ExitCode.DATA.number());
        assertThat(missing.err().strip().lines()).hasSize(1);
        var wrong = Cli.run("data", "digits", "--task", "regression");
        assertThat(wrong.exitCode()).isEqualTo(ExitCode.USAGE.number());
    }

    @Test
    void theFirstRowsOfATableAreShownAsTheyAreWritten() throws IOException {
        var rows = "u,1.50,\"two\nlines\",a\nv,,%s,b\n".formatted("x".repeat(40)).repeat(8);
        var file = Files.writeString(temporary.resolve("data.csv"), "w,x,note,y\n" + rows);
        var out = shown(file.toString()).out();
        assertThat(out)
                .contains(
                        """

                        w  x     note                      y
                        u  1.50  two lines                 a
                        v        xxxxxxxxxxxxxxxxxxxxxxx…  b
                        u  1.50  two lines                 a
                        v        xxxxxxxxxxxxxxxxxxxxxxx…  b
                        u  1.50  two lines                 a

                        """);
        var view = new ObjectMapper().readTree(shown(file.toString(), "--json").out());
        assertThat(view.get("first").get("rows").get(0).get(2).asText()).isEqualTo("two\nlines");
    }

    @Test
    void moreColumnsThanALineHasRoomForAreCounted() {
        var first =
                new FirstRows(
                        List.of("a", "long name", "c"),
                        List.of(List.of("1", "2", "3"), List.of("1000", "2", "3")));
        assertThat(FirstSamples.lines(first, 16))
                .containsExactly("a     long name", "1     2", "1000  2", "and 1 column more");
        assertThat(FirstSamples.lines(first, 18)).hasSize(3);
        assertThat(FirstSamples.lines(first, 1)).last().isEqualTo("and 2 columns more");
    }

    @Test
    void otherDataIsShownByItsFirstTargets() {
        assertThat(shown("digits").out()).contains("\nclass\n0\n1\n2\n3\n4\n\n");
        assertThat(shown("blobs(9,2,3)").out()).containsPattern("\nx1 +x2 +class\n-?[0-9.]+ ");
        assertThat(shown("regression(9,2)").out()).containsPattern("\nx1 +x2 +y\n");
        var parquet = "../worker/src/test/resources/dev/tutti/worker/data/parquet/mixed.parquet";
        var table = shown(parquet);
        assertThat(table.out())
                .contains("a     w  n  y\n1.5   u  1  dog\n      v  2  cat\n")
                .contains("one input for each category: w 2");
        assertThat(table.err())
                .contains("warning: 20 cells are missing, which tutti train refuses");
    }

    private interface Row {
        String at(int i);
    }

    private String csv(String header, Row row) throws IOException {
        return csv(header, 40, row);
    }

    private String csv(String header, int rows, Row row) throws IOException {
        var text = new StringBuilder(header + "\n");
        for (var i = 0; i < rows; i++) {
            text.append(row.at(i)).append('\n');
        }
        return Files.writeString(temporary.resolve("data.csv"), text).toString();
    }

    private static Cli shown(String... arguments) {
        var all = new String[arguments.length + 1];
        all[0] = "data";
        System.arraycopy(arguments, 0, all, 1, arguments.length);
        var shown = Cli.run(all);
        assertThat(shown.exitCode()).as(shown.err()).isZero();
        return shown;
    }
}
