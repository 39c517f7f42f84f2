package dev.tutti.deploy.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tutti.common.average.Totals;
import dev.tutti.common.step.run.Part;
import dev.tutti.coordinator.record.RunEvent;
import dev.tutti.deploy.cli.ExitCode;
import dev.tutti.deploy.run.Progress;
import dev.tutti.deploy.support.Cli;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a run takes its data for, and what it says of a result that is worth little. */
class ResultsTest {
    private static final String CASES = "src/test/resources/dev/tutti/deploy/cases/";

    @TempDir Path temporary;

    @Test
    void pricesAreRealValuesAndTheFirstLinesSayHowToHaveClasses() throws IOException {
        var run = trained("houses", "--data", CASES + "houses.csv");
        assertThat(run.err())
                .contains("1 outputs")
                .contains("target price: real values, mse; --task classification for classes");
        var classes =
                trained("classes", "--data", CASES + "houses.csv", "--task", "classification");
        assertThat(classes.err())
                .contains("500 outputs")
                .contains("softmax-cross-entropy")
                .doesNotContain("--task");
        var again = Cli.run("evaluate", "--model-dir", folder("classes"), "--json");
        assertThat(again.out()).contains("\"accuracy\"");
        var predicted =
                Cli.run("predict", "--model-dir", folder("houses"), "--data", CASES + "houses.csv");
        assertThat(predicted.out()).startsWith("price\n");
        assertThat(Files.readString(Path.of(folder("classes"), "run.conf")))
                .contains("task=classification");
    }

    @Test
    void aTaskThatDoesNotFitIsRefused() {
        assertThat(refused(ExitCode.USAGE, "--task", "regression"))
                .contains("--task regression does not fit digits: its targets are classes");
        assertThat(
                        refused(
                                ExitCode.USAGE,
                                "--task",
                                "regression",
                                "--loss",
                                "softmax-cross-entropy"))
                .contains("--task regression needs a loss over real values");
        assertThat(refused(ExitCode.DATA, "--task", "regression", "--data", CASES + "iris.csv"))
                .contains("line 2, column \"species\": \"Iris-");
        assertThat(refused(ExitCode.USAGE, "--task", "guessing"))
                .containsIgnoringCase("classification, regression");
    }

    @Test
    void aFileWithoutNamesTrainsOnEveryLineAndIsUsedAlike() throws IOException {
        var data = CASES + "iris-noheader.csv";
        assertThat(refused(ExitCode.DATA, "--data", data))
                .contains("the first line looks like data, not names: it holds \"6.0\"")
                .contains("--no-header");
        assertThat(refused(ExitCode.USAGE, "--data", data, "--header", "--no-header"))
                .contains("leave one out");
        assertThat(refused(ExitCode.DATA, "--no-header")).contains("\"digits\"");
        var run = trained("headless", "--data", data, "--no-header");
        assertThat(run.err())
                .contains("150 samples of 4, 3 outputs")
                .contains("target 5: 3 classes");
        assertThat(Cli.run("evaluate", "--model-dir", folder("headless")).out())
                .contains(": 15 samples");
        var flowers =
                Files.writeString(
                        temporary.resolve("flowers.csv"),
                        Files.readAllLines(Path.of(data)).stream()
                                .map(line -> line.replaceFirst(",[^,]*$", ""))
                                .collect(Collectors.joining("\n")));
        var all = Cli.run("predict", "--model-dir", folder("headless"), "--data", data);
        var alone =
                Cli.run("predict", "--model-dir", folder("headless"), "--data", flowers.toString());
        assertThat(all.out().lines()).as(all.err()).hasSize(151);
        assertThat(alone.out()).isEqualTo(all.out());
        var chosen = trained("chosen", "--data", data, "--no-header", "--targets", "3");
        assertThat(chosen.err())
                .contains("target 3: real values")
                .contains("one input for each category: 5 3");
    }

    @Test
    void oneClassIsNothingToLearn() throws IOException {
        assertThat(refused(ExitCode.DATA, "--data", CASES + "iris-one-class.csv"))
                .contains("all 40 training samples are of one class, Iris-setosa")
                .contains("nothing to learn");
        var constant = csv("x,y,z", i -> i + ",2.5," + i % 3);
        assertThat(refused(ExitCode.DATA, "--data", constant, "--targets", "y"))
                .contains("the target y is the same in all");
        var one = trained("one", "--data", constant, "--targets", "y,z");
        assertThat(one.err()).contains("warning: data: the target y is the same in all");
    }

    @Test
    void theRateIsScaledToTheSamplesOfAStep() throws IOException {
        var iris = CASES + "iris.csv";
        var scaled =
                trained(
                        "scaled",
                        "--data",
                        iris,
                        "--batch",
                        "1000",
                        "--optimizer",
                        "sgd(0.001)",
                        "--scale-rate-from",
                        "60");
        assertThat(scaled.err()).contains("2 steps of 120 samples (all there are for training)");
        var first = Files.readAllLines(Path.of(folder("scaled"), "steps.jsonl")).getFirst();
        assertThat(new ObjectMapper().readTree(first).get("rate").asDouble()).isEqualTo(0.002);
    }

    @Test
    void batchNormalisationOverFewSamplesIsWarnedOf() {
        var few =
                trained(
                        "few",
                        "--model",
                        "dense(4),batch-norm,dense",
                        "--batch",
                        "4",
                        "--steps",
                        "2");
        assertThat(few.err()).contains("warning: batch-norm takes its statistics over a shard's");
        var enough =
                trained(
                        "enough",
                        "--model",
                        "dense(4),batch-norm,dense",
                        "--batch",
                        "64",
                        "--shards",
                        "1");
        assertThat(enough.err()).doesNotContain("batch-norm takes");
    }

    @Test
    void anAccuracyOf0IsShownAndNoneWithoutClasses() {
        assertThat(shown(true)).contains("loss 0.5000, accuracy 0.0000");
        assertThat(shown(false)).contains("loss 0.5000").doesNotContain("accuracy");
    }

    private static String shown(boolean labelled) {
        var out = new ByteArrayOutputStream();
        var stream = new PrintStream(out, true, StandardCharsets.UTF_8);
        try (var progress = new Progress(stream, false, labelled, 10, 2, 0)) {
            progress.on(new RunEvent.Evaluated(5, 0, Part.VALIDATION, new Totals(4, 2.0, 0, 0)));
        }
        return out.toString(StandardCharsets.UTF_8);
    }

    @Test
    void aModelNoBetterThanOneAnswerForAllIsToldSo() throws IOException {
        var chance = csv("x,y", i -> "1," + (i % 5 == 0 ? "rare" : "often"));
        var run = trained("chance", "--data", chance, "--epochs", "60");
        assertThat(run.err())
                .contains(
                        "warning: the model is no better than always answering the most frequent class");
        var summary = summary("chance");
        assertThat(summary.get("testAccuracy").asDouble())
                .isEqualTo(summary.get("baselineAccuracy").asDouble());
        assertThat(summary.get("baselineLoss").isNull()).isTrue();
        var evaluated = Cli.run("evaluate", "--model-dir", folder("chance"), "--json");
        assertThat(evaluated.err()).contains("no better than");
        assertThat(new ObjectMapper().readTree(evaluated.out()).get("baselineAccuracy"))
                .isEqualTo(summary.get("baselineAccuracy"));

        var houses = trained("houses", "--data", CASES + "houses.csv", "--test", "0");
        assertThat(houses.err())
                .contains("no better than always answering the mean")
                .contains("on the validation samples");
        assertThat(summary("houses").get("baselineLoss").asDouble()).isPositive();

        var learned = trained("learned", "--epochs", "3");
        assertThat(learned.err()).doesNotContain("no better than");
        assertThat(Cli.run("evaluate", "--model-dir", folder("learned")).err()).isEmpty();
    }

    @Test
    void valuesWhoseSquaresOverflowAreToldBeforeTheFirstStep() {
        var huge = trained("huge", "--data", CASES + "huge.csv");
        assertThat(huge.exitCode()).isEqualTo(ExitCode.DIVERGED.number());
        assertThat(huge.err())
                .contains("line 38, column \"a\": 9.94E19 is so large")
                .contains("line 57, column \"y\": 9.956E24 is so large")
                .contains("the rate is not the cause")
                .doesNotContain("lower rate");
        var standardized = trained("standardized", "--data", CASES + "huge.csv", "--standardize");
        assertThat(standardized.exitCode()).as(standardized.err()).isZero();
        assertThat(standardized.err()).doesNotContain("column \"a\"");
    }

    @Test
    void weightsOfPyTorchAreTakenWithTheirStepCountsAndPrefix() {
        var iris = List.of("--data", CASES + "iris.csv");
        var counted = trained("counted", with(iris, "dense(8),batch-norm,relu,dense", "batchnorm"));
        assertThat(counted.exitCode()).as(counted.err()).isZero();
        var wrapped = trained("wrapped", with(iris, "dense(8),relu,dense", "ddp-module-prefix"));
        assertThat(wrapped.exitCode()).as(wrapped.err()).isZero();
        assertThat(wrapped.err()).contains("left out \"module.\" in front of the names");
        assertThat(refused(ExitCode.DATA, with(iris, "dense(8),relu,dense", "missing-bias")))
                .contains("no tensor 2.bias of shape 3; there are: 0.bias, 0.weight, 2.weight");
    }

    private static String[] with(List<String> options, String model, String file) {
        var all = new ArrayList<>(options);
        all.addAll(List.of("--model", model, "--init", CASES + file + ".safetensors"));
        return all.toArray(String[]::new);
    }

    private interface Row {
        String at(int i);
    }

    /** Returns a file of 30 lines. */
    private String csv(String header, Row row) throws IOException {
        var text = new StringBuilder(header + "\n");
        for (var i = 0; i < 30; i++) {
            text.append(row.at(i)).append('\n');
        }
        return Files.writeString(temporary.resolve("data.csv"), text).toString();
    }

    private String folder(String name) {
        return temporary.resolve(name).toString();
    }

    private JsonNode summary(String name) throws IOException {
        return new ObjectMapper()
                .readTree(temporary.resolve(name).resolve("summary.json").toFile());
    }

    /** Trains two epochs, unless the options say otherwise. */
    private Cli trained(String name, String... options) {
        var arguments = new ArrayList<>(List.of("train", "--out", folder(name)));
        if (!List.of(options).contains("--epochs") && !List.of(options).contains("--steps")) {
            arguments.addAll(List.of("--epochs", "2"));
        }
        arguments.addAll(List.of(options));
        return Cli.run(arguments.toArray(String[]::new));
    }

    private String refused(ExitCode code, String... options) {
        var command = trained("refused", options);
        assertThat(command.exitCode()).as(command.err()).isEqualTo(code.number());
        assertThat(command.err().strip().lines()).as(command.err()).hasSize(1);
        assertThat(temporary.resolve("refused")).doesNotExist();
        return command.err();
    }
}
