package dev.tutti.deploy.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.deploy.support.Cli;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tables as people have them: what {@code train} and {@code data} make of them. */
class TablesTest {
    private static final String CASES = "src/test/resources/dev/tutti/deploy/cases/";

    @TempDir Path temporary;

    @Test
    void semicolonsAreFoundOutAndSaid() throws IOException {
        var run = trained("wine", "--data", CASES + "winequality-red.csv", "--targets", "quality");
        assertThat(run.err())
                .contains("winequality-red: 300 samples of 11, ")
                .contains("semicolons between cells; --delimiter says otherwise")
                .contains("target quality: ");
        assertThat(Files.readString(Path.of(folder("wine"), "run.conf")))
                .doesNotContain("delimiter");
        assertThat(shown(CASES + "winequality-red.csv").out()).contains("semicolons between cells");
    }

    @Test
    void tabsGiveTheSameSamplesAsCommas() {
        var commas = shown(CASES + "iris.csv").out();
        for (var name : List.of("iris.tsv", "iris-tabs.csv")) {
            var tabs = shown(CASES + name).out().replace("iris-tabs: ", "iris: ");
            assertThat(tabs.lines().filter(line -> !line.contains("tabs between cells")))
                    .as(name)
                    .containsExactlyElementsOf(commas.lines().toList());
        }
    }

    @Test
    void decimalCommasGiveTheSameSamplesAsPoints() throws IOException {
        var data = CASES + "iris-semicolon-decimal-comma.csv";
        var found = shown(data).out().replace("iris-semicolon-decimal-comma: ", "iris: ");
        var said = "semicolons between cells, numbers with a decimal comma; ";
        assertThat(found).contains(said + "--delimiter and --decimal say otherwise");
        assertThat(found.lines().filter(line -> !line.contains(said)))
                .containsExactlyElementsOf(shown(CASES + "iris.csv").out().lines().toList());
        trained("comma", "--data", data, "--decimal", "comma");
        assertThat(Files.readString(Path.of(folder("comma"), "run.conf")))
                .contains("decimal=comma");
        var predicted = Cli.run("predict", "--model-dir", folder("comma"), "--data", data);
        assertThat(predicted.out().lines()).as(predicted.err()).hasSize(151);
        assertThat(refused("predict", "--model-dir", folder("comma"), "--data", CASES + "iris.csv"))
                .contains("\"6.0\" is not a finite number with a decimal comma; --decimal point");
        assertThat(refused("data", data, "--decimal", "dot")).containsIgnoringCase("point, comma");
    }

    @Test
    void otherEncodingsAreReadByTheirMarkOrAsTheUserSays() throws IOException {
        var wide = shown(CASES + "iris-utf16.csv").out();
        assertThat(wide).contains("iris-utf16: 150 samples of 4").contains("text in UTF-16LE");
        assertThat(shown(CASES + "iris-bom-crlf.csv").out().replace("iris-bom-crlf", "iris"))
                .isEqualTo(shown(CASES + "iris.csv").out());
        var latin = CASES + "iris-latin1.csv";
        assertThat(refused("train", "--data", latin))
                .contains("line 1: found 0xE8, which is no text in UTF-8")
                .contains("--encoding latin1");
        var run = trained("latin", "--data", latin, "--encoding", "latin1");
        assertThat(run.err()).contains("target espèce: 3 classes");
        assertThat(Cli.run("evaluate", "--model-dir", folder("latin")).out())
                .contains(": 15 samples");
        assertThat(refused("data", latin, "--encoding", "no such"))
                .contains("--encoding must be the name of an encoding");
    }

    @Test
    void standardInputIsATable() throws IOException {
        var previous = System.in;
        try {
            System.setIn(Files.newInputStream(Path.of(CASES + "iris.tsv")));
            assertThat(trained("piped", "--data", "-").err())
                    .contains("stdin: 150 samples of 4")
                    .contains("tabs between cells");
            System.setIn(Files.newInputStream(Path.of(CASES + "iris.csv")));
            assertThat(shown("-").out()).startsWith("stdin: 150 samples of 4");
            System.setIn(Files.newInputStream(Path.of(CASES + "iris.csv")));
            var evaluated =
                    Cli.run("evaluate", "--model-dir", folder("piped"), "--data", "-").out();
            assertThat(evaluated).startsWith("stdin: 150 samples");
        } finally {
            System.setIn(previous);
        }
        assertThat(refused("evaluate", "--model-dir", folder("piped")))
                .contains("the run's data came from standard input");
    }

    @Test
    void aFirstLineOfExcelSaysTheDelimiter() throws IOException {
        var text = new StringBuilder("sep=;\r\na, b;y\r\n");
        for (var i = 0; i < 40; i++) {
            text.append(i).append(i == 30 ? ";x;\r\n" : ";x\r\n");
        }
        var file = Files.writeString(temporary.resolve("excel.csv"), text).toString();
        assertThat(refused("data", file)).contains("line 33: found 3 cells, expected 2");
        Files.writeString(Path.of(file), text.toString().replace(";x;", ";y"));
        assertThat(shown(file).out())
                .startsWith("excel: 40 samples of 1\n")
                .contains(
                        "semicolons between cells, as its first line says; --delimiter says otherwise");
    }

    @Test
    void pointsBetweenThousandsAreRefusedWithTheirOption() throws IOException {
        var text = new StringBuilder("people;y\n");
        for (var i = 0; i < 40; i++) {
            text.append("1.%03d.%03d;%d\n".formatted(100 + i, 900 - i, i % 2));
        }
        var file = Files.writeString(temporary.resolve("people.csv"), text).toString();
        assertThat(refused("data", file))
                .contains("free text")
                .contains("if they are numbers, --decimal comma takes it as 1100900");
        assertThat(shown(file, "--decimal", "comma").out()).contains("people: 40 samples of 1\n");
    }

    @Test
    void aNameWithACommaIsWrittenInQuotesOrInAListOfHocon() throws IOException {
        var data = CASES + "concrete.csv";
        var strength = "Concrete compressive strength(MPa, megapascals)";
        var quoted =
                trained(
                        "quoted",
                        "--data",
                        data,
                        "--targets",
                        "\"%s\",Age (day)".formatted(strength));
        assertThat(quoted.err()).contains("target %s, Age (day): real values".formatted(strength));
        var again = Cli.run("evaluate", "--model-dir", folder("quoted"));
        assertThat(again.exitCode()).as(again.err()).isZero();
        var config = temporary.resolve("run.hocon");
        Files.writeString(
                config,
                "data: \"%s\", targets: [\"%s\"], ignore: [Age (day), \"Slump(cm)\"]"
                        .formatted(Path.of(data).toAbsolutePath(), strength));
        var listed = trained("listed", "--config", config.toString());
        assertThat(listed.err())
                .contains("samples of 2, ")
                .contains("target %s: real values".formatted(strength));
        var kept = trained("kept", "--config", folder("listed") + "/run.conf");
        assertThat(kept.err()).contains("target %s: ".formatted(strength));
        assertThat(refused("data", data, "--targets", strength))
                .contains("there is no column \"Concrete compressive strength(MPa\"")
                .contains("a name that holds a comma is written in double quotes");
        assertThat(refused("data", data, "--targets", "\"a,b")).contains("no list of column names");
    }

    @Test
    void columnsAreChosenAndLeftOut() {
        var data = CASES + "iris-index.csv";
        assertThat(shown(data).out())
                .contains("150 samples of 5")
                .contains("column 1 has no name and is called \"column 1\"; --ignore");
        var left = trained("left", "--data", data, "--ignore", "column 1");
        assertThat(left.err()).contains("150 samples of 4").doesNotContain("has no name");
        assertThat(Cli.run("evaluate", "--model-dir", folder("left")).out())
                .contains(": 15 samples");
        var chosen = shown(data, "--features", "petal_width,petal_length", "--ignore", "column 1");
        assertThat(chosen.out()).contains("150 samples of 2");
        assertThat(refused("data", data, "--ignore", "species", "--targets", "species"))
                .contains("--ignore leaves it out: name it in one place only");
        assertThat(refused("train", "--data", data, "--features", "species"))
                .contains("column \"species\" is both a feature and a target");
        assertThat(refused("train", "--ignore", "a")).contains("\"digits\"");
        assertThat(refused("data", CASES + "iris-dup-names.csv")).contains("two columns are named");
        assertThat(shown(CASES + "iris-trailing-comma-header-only.csv").out())
                .contains("150 samples of 4")
                .contains("column 6 has no name and no cells: it is left out");
    }

    @Test
    void runsOfBlanksAreFoundOut() throws IOException {
        assertThat(refused("train", "--data", CASES + "auto-mpg.data"))
                .contains("the first line looks like data, not names: it holds \"32.7\"")
                .contains("--no-header");
        // Missing values, and the names of the cars, are not of this test.
        var lines = Files.readAllLines(Path.of(CASES + "auto-mpg.data")).stream();
        var cars =
                lines.filter(line -> line.indexOf('?') < 0)
                        .map(line -> line.replaceFirst("\t.*", ""))
                        .toList();
        var file = Files.write(temporary.resolve("cars"), cars).toString();
        assertThat(shown(file, "--no-header", "--targets", "1").out())
                .startsWith("cars: %d samples of 7\n".formatted(cars.size()))
                .contains("blanks between cells; --delimiter says otherwise");
    }

    @Test
    void aDelimiterThatIsGivenIsUsedAgain() throws IOException {
        var file = temporary.resolve("data.csv");
        var text = new StringBuilder("a, b~y\n");
        for (var i = 0; i < 40; i++) {
            text.append(i).append('~').append(i % 2).append('\n');
        }
        Files.writeString(file, text);
        trained("tilde", "--data", file.toString(), "--delimiter", "~");
        assertThat(Files.readString(Path.of(folder("tilde"), "run.conf")))
                .contains("delimiter=\"~\"");
        var predicted =
                Cli.run("predict", "--model-dir", folder("tilde"), "--data", file.toString());
        assertThat(predicted.out().lines()).as(predicted.err()).hasSize(41);
        var evaluated = Cli.run("evaluate", "--model-dir", folder("tilde"));
        assertThat(evaluated.exitCode()).as(evaluated.err()).isZero();
        assertThat(refused("train", "--data", file.toString(), "--delimiter", "ab"))
                .contains("--delimiter must be comma, semicolon, tab, bar, blanks or one character")
                .contains("was \"ab\"");
        assertThat(refused("train", "--delimiter", "tab"))
                .contains("data \"digits\" is no table of text: leave out");
    }

    private Cli trained(String name, String... arguments) {
        var all = new ArrayList<>(List.of("train", "--epochs", "2", "--out", folder(name)));
        all.addAll(List.of(arguments));
        var run = Cli.run(all.toArray(String[]::new));
        assertThat(run.exitCode()).as(run.err()).isZero();
        return run;
    }

    private static Cli shown(String... arguments) {
        var all = new ArrayList<>(List.of("data"));
        all.addAll(List.of(arguments));
        var shown = Cli.run(all.toArray(String[]::new));
        assertThat(shown.exitCode()).as(shown.err()).isZero();
        return shown;
    }

    /** Returns what a command says that refuses its arguments in one line. */
    private static String refused(String... arguments) {
        var run = Cli.run(arguments);
        assertThat(run.exitCode()).as(run.err()).isNotZero();
        assertThat(run.err().strip().lines()).hasSize(1);
        return run.err();
    }

    private String folder(String name) {
        return temporary.resolve(name).toString();
    }
}
