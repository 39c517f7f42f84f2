package dev.tutti.deploy.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tutti.deploy.cli.ExitCode;
import dev.tutti.deploy.support.Cli;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tables with words and missing values, from the first command to the predictions. */
class CodingTest {
    private static final String CASES = "src/test/resources/dev/tutti/deploy/cases/";
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir Path temporary;

    @Test
    void wordsAndMissingValuesAreCodedAlikeInTrainingEvaluatingAndPredicting() throws IOException {
        var data = CASES + "adult.csv";
        var run = trained("adult", data, "--missing", "class", "--standardize", "--epochs", "20");
        assertThat(run.err())
                .contains(
                        "columns of words and their categories, one input for each category:"
                                + " workclass ")
                .contains("missing cells are filled with the mean of the training samples");
        var evaluated =
                JSON.readTree(Cli.run("evaluate", "--model-dir", folder("adult"), "--json").out());
        assertThat(evaluated.get("report"))
                .isEqualTo(summary("adult").get("report").get("figures"));
        assertThat(Files.readString(Path.of(folder("adult"), "run.conf")))
                .contains("missing=class");
        var whole = Cli.run("evaluate", "--model-dir", folder("adult"), "--data", data, "--json");
        var predicted = Cli.run("predict", "--model-dir", folder("adult"), "--data", data);
        assertThat(accuracy(predicted.out(), data))
                .isEqualTo(JSON.readTree(whole.out()).get("accuracy").asDouble());
    }

    /** Returns the share of rows whose first cell is the last of the data's row. */
    private static double accuracy(String predictions, String data) throws IOException {
        var rows = Files.readAllLines(Path.of(data));
        var lines = predictions.lines().toList();
        var right = 0;
        for (var i = 1; i < rows.size(); i++) {
            var label = rows.get(i).substring(rows.get(i).lastIndexOf(',') + 1).strip();
            right += lines.get(i).startsWith(label + ",") ? 1 : 0;
        }
        return (double) right / (rows.size() - 1);
    }

    @Test
    void aMissingValueIsRefusedWithTheOptionThatHelps() throws IOException {
        var data = CASES + "penguins-numeric-NA.csv";
        var refused = Cli.run("train", "--data", data, "--out", folder("none"));
        assertThat(refused.exitCode()).isEqualTo(ExitCode.DATA.number());
        assertThat(refused.err())
                .contains(
                        "line 5, column \"bill_length_mm\": \"NA\" stands for a missing value; --missing"
                                + " drop leaves such rows out");
        assertThat(Path.of(folder("none"))).doesNotExist();
        for (var rule : List.of("drop", "mean", "median", "class")) {
            trained(rule, data, "--missing", rule, "--standardize", "--epochs", "20");
            assertThat(summary(rule).get("testAccuracy").asDouble()).as(rule).isGreaterThan(0.8);
        }
        assertThat(Cli.run("evaluate", "--model-dir", folder("drop")).err())
                .contains("2 of 150 rows are left out, since they have a missing value");
    }

    @Test
    void aRunGoesOnWithTheCodingThatItBeganWith() throws IOException {
        var data = CASES + "penguins-numeric-NA.csv";
        trained("first", data, "--missing", "drop", "--missing-tokens", "na,-", "--epochs", "2");
        var conf = folder("first") + "/run.conf";
        var again = Cli.run("train", "--config", conf, "--out", folder("again"));
        assertThat(again.exitCode()).as(again.err()).isZero();
        assertThat(summary("again").get("weightsDigest"))
                .isEqualTo(summary("first").get("weightsDigest"));
    }

    @Test
    void epochMillisecondsTrainAsTimesFromTheFirstRow() throws IOException {
        var lines = Files.readAllLines(Path.of(CASES + "timestamps-ms.csv"));
        var first = Long.parseLong(lines.get(1).split(",", -1)[0]);
        var relative = new ArrayList<>(List.of(lines.getFirst()));
        for (var line : lines.subList(1, lines.size())) {
            var cells = line.split(",", -1);
            relative.add(Long.parseLong(cells[0]) - first + "," + cells[1]);
        }
        var file = Files.write(temporary.resolve("relative.csv"), relative);
        trained("ms", CASES + "timestamps-ms.csv", "--standardize", "--epochs", "20");
        trained("relative", file.toString(), "--standardize", "--epochs", "20");
        assertThat(r2("ms")).isCloseTo(r2("relative"), within(0.01));
    }

    @Test
    void standardisedTargetsComeBackInTheirOwnUnit() throws IOException {
        var data = CASES + "houses.csv";
        var plain = trained("plain", data, "--standardize", "--epochs", "1");
        assertThat(plain.err()).contains("target price has a deviation of ");
        var run = trained("houses", data, "--standardize", "--standardize-targets");
        assertThat(run.err()).contains("targets are standardised");
        assertThat(r2("houses")).isGreaterThan(0.97);
        var all =
                JSON.readTree(
                        Cli.run(
                                        "evaluate",
                                        "--model-dir",
                                        folder("houses"),
                                        "--data",
                                        data,
                                        "--json")
                                .out());
        assertThat(all.get("standardizedTargets").asBoolean()).isTrue();
        assertThat(all.get("loss").asDouble()).isLessThan(0.1);
        var reported = all.get("report").get("targets").get(0).get("mae").asDouble();
        assertThat(meanDistance(data)).isCloseTo(reported, withinPercentage(0.01));
        assertThat(Cli.run("evaluate", "--model-dir", folder("houses")).out())
                .contains(" of standardised targets");
    }

    /** Returns the mean distance between the last cells of the rows and their predictions. */
    private double meanDistance(String data) throws IOException {
        var predicted =
                Cli.run("predict", "--model-dir", folder("houses"), "--data", data).out().lines();
        var values = predicted.skip(1).mapToDouble(Double::parseDouble).toArray();
        var rows = Files.readAllLines(Path.of(data));
        var sum = 0.0;
        for (var i = 0; i < values.length; i++) {
            var row = rows.get(i + 1);
            sum +=
                    Math.abs(
                            Double.parseDouble(row.substring(row.lastIndexOf(',') + 1))
                                    - values[i]);
        }
        return sum / values.length;
    }

    @Test
    void standardisedTargetsAreForRealValues() {
        var classes = Cli.run("train", "--standardize-targets", "--out", folder("none"));
        assertThat(classes.exitCode()).isEqualTo(ExitCode.USAGE.number());
        assertThat(classes.err()).contains("digits has 10 classes").hasLineCount(1);
    }

    @Test
    void freeTextIsRefusedByName() {
        var refused =
                Cli.run(
                        "train",
                        "--data",
                        CASES + "titanic.csv",
                        "--targets",
                        "Survived",
                        "--missing",
                        "mean",
                        "--out",
                        folder("titanic"));
        assertThat(refused.exitCode()).isEqualTo(ExitCode.DATA.number());
        assertThat(refused.err()).contains("\"Name\"").contains("--ignore Name");
    }

    @Test
    void missingIsForTables() {
        var refused = Cli.run("train", "--missing", "drop", "--out", folder("digits"));
        assertThat(refused.exitCode()).isEqualTo(ExitCode.DATA.number());
        assertThat(refused.err()).contains("leave out --missing and --missing-tokens");
    }

    private double r2(String name) throws IOException {
        return summary(name)
                .get("report")
                .get("figures")
                .get("targets")
                .get(0)
                .get("r2")
                .asDouble();
    }

    private Cli trained(String name, String data, String... options) {
        var arguments = new ArrayList<>(List.of("train", "--data", data, "--out", folder(name)));
        arguments.addAll(List.of(options));
        var run = Cli.run(arguments.toArray(String[]::new));
        assertThat(run.exitCode()).as(run.err()).isZero();
        return run;
    }

    private JsonNode summary(String name) throws IOException {
        return JSON.readTree(Path.of(folder(name), "summary.json").toFile());
    }

    private String folder(String name) {
        return temporary.resolve(name).toString();
    }
}
