package dev.tutti.deploy.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tutti.common.random.Seeds;
import dev.tutti.deploy.cli.ExitCode;
import dev.tutti.deploy.support.Cli;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a run and {@code tutti evaluate} say of a model's worth. */
class WorthTest {
    private static final String CASES = "src/test/resources/dev/tutti/deploy/cases/";
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir Path temporary;

    @Test
    void aRunReportsItsClassesAsEvaluateDoes() throws IOException {
        var run = trained("iris", "--data", CASES + "iris.csv", "--epochs", "20");
        assertThat(run.out())
                .contains("report    15 test samples")
                .contains("class            samples  precision  recall")
                .contains("          Iris-setosa  ")
                .contains("          macro mean  ");
        var report = report("iris");
        assertThat(report.get("part").asText()).isEqualTo("test");
        var figures = report.get("figures");
        assertThat(figures.get("accuracy")).isEqualTo(summary("iris").get("testAccuracy"));
        assertThat(figures.get("classes")).hasSize(3);
        var evaluated = Cli.run("evaluate", "--model-dir", folder("iris"), "--json");
        assertThat(JSON.readTree(evaluated.out()).get("report")).isEqualTo(figures);
        assertThat(Cli.run("evaluate", "--model-dir", folder("iris")).out())
                .contains("class            samples  precision  recall");
    }

    @Test
    void theReportDoesNotDependOnTheWorkers() throws IOException {
        trained("one", "--workers", "1");
        trained("three", "--workers", "3");
        trained("apart", "--workers", "2", "--processes", "2");
        assertThat(report("three")).isEqualTo(report("one"));
        assertThat(report("apart")).isEqualTo(report("one"));
        var data = List.of("--data", CASES + "houses.csv", "--standardize");
        trained("oneHouse", data, "--workers", "1");
        trained("threeHouses", data, "--workers", "3");
        assertThat(report("threeHouses")).isEqualTo(report("oneHouse"));
    }

    @Test
    void aRunWithoutTestSamplesReportsItsValidationSamplesOrNothing() throws IOException {
        var validated = trained("validated", "--test", "0");
        assertThat(validated.out()).contains("report    180 validation samples");
        var blind = trained("blind", "--test", "0", "--validation", "0");
        assertThat(blind.out()).doesNotContain("report ");
        assertThat(report("blind").isNull()).isTrue();
    }

    @Test
    void realValuesAreReportedByTargetAndAModelWorseThanTheMeanIsToldSo() throws IOException {
        var run = trained("houses", "--data", CASES + "houses.csv");
        assertThat(run.out()).contains("target       r2").contains("price   -");
        assertThat(run.err()).contains("no better than always answering the mean");
        var price = report("houses").get("figures").get("targets").get(0);
        assertThat(price.get("r2").asDouble()).isNegative();
        assertThat(price.get("mae").asDouble()).isPositive();
    }

    @Test
    void targetsOf0And1UnderLogitsHaveAnAccuracy() throws IOException {
        var random = Seeds.of(7, "worth", 0);
        var text = new StringBuilder("x,y,positive\n");
        for (var i = 0; i < 400; i++) {
            var x = random.nextInt(201) - 100;
            var y = random.nextInt(201) - 100;
            text.append("%d.5,%d,%d\n".formatted(x, y, x + y > 0 ? 1 : 0));
        }
        var data = Files.writeString(temporary.resolve("signs.csv"), text).toString();
        var options =
                List.of("--data", data, "--task", "regression", "--loss", "binary-cross-entropy");
        var run = trained("signs", options, "--standardize", "--epochs", "30");
        assertThat(run.out()).contains("a target counts as 1 where its probability is above 0.5");
        var figures = report("signs").get("figures");
        assertThat(figures.get("threshold").asDouble()).isEqualTo(0.5);
        assertThat(figures.get("targets").get(0).get("accuracy").asDouble()).isGreaterThan(0.9);
        assertThat(run.err()).doesNotContain("no better");

        var constant =
                Files.writeString(
                        temporary.resolve("chance.csv"),
                        text.toString().replaceAll("(?m)^[-0-9.]+,[-0-9]+,", "1,1,"));
        var chance =
                trained(
                        "chance",
                        List.of(
                                "--data",
                                constant.toString(),
                                "--task",
                                "regression",
                                "--loss",
                                "binary-cross-entropy"));
        assertThat(chance.err()).contains("warning: the model is no better than");
    }

    @Test
    void balancedWeightsFindTheRareClassWithAnyNumberOfWorkers() throws IOException {
        var data = List.of("--data", rareClass(), "--standardize", "--test", "0.3");
        trained("plain", data, "--epochs", "3");
        var weighted = List.of("--class-weights", "balanced", "--epochs", "3");
        var run = trained("one", data, with(weighted, "--workers", "1"));
        assertThat(run.err()).contains("loss softmax-cross-entropy(weights=0.50");
        assertThat(run.err()).doesNotContain("no better than");
        assertThat(recall("plain")).isLessThan(0.3);
        assertThat(recall("one")).isGreaterThan(0.7);
        assertThat(summary("plain").get("testAccuracy").asDouble()).isGreaterThan(0.98);

        trained("three", data, with(weighted, "--workers", "3"));
        trained("apart", data, with(weighted, "--workers", "2", "--processes", "2"));
        var digest = summary("one").get("weightsDigest");
        assertThat(summary("three").get("weightsDigest")).isEqualTo(digest);
        assertThat(summary("apart").get("weightsDigest")).isEqualTo(digest);
        assertThat(summary("plain").get("weightsDigest")).isNotEqualTo(digest);
        var named = "often=%s,rare=%s".formatted((Object[]) weights("one"));
        trained("named", data, "--class-weights", named, "--epochs", "3");
        assertThat(summary("named").get("weightsDigest")).isEqualTo(digest);
        assertThat(Files.readString(Path.of(folder("one"), "run.conf")))
                .contains("class-weights=balanced");
    }

    @Test
    void balancedWeightsAreThoseOfScikitLearnOverTheTrainingSamples() throws IOException {
        var iris = List.of("--data", CASES + "iris.csv", "--test", "0.5", "--validation", "0");
        trained("weighted", iris, "--class-weights", "balanced");
        var all = trained("all", List.of("--data", CASES + "iris.csv"), "--test", "0");
        assertThat(all.err()).contains("loss softmax-cross-entropy\n");
        var tested = new int[3];
        for (var k = 0; k < 3; k++) {
            tested[k] =
                    report("weighted").get("figures").get("classes").get(k).get("samples").asInt();
        }
        var weights = weights("weighted");
        for (var k = 0; k < 3; k++) {
            assertThat(Float.parseFloat(weights[k]))
                    .isEqualTo((float) (75 / (3.0 * (50 - tested[k]))));
        }
    }

    @Test
    void aRunWithWeightsGoesOnWithThem() throws IOException {
        var iris = List.of("--data", CASES + "iris.csv", "--class-weights", "Iris-virginica=2");
        trained("whole", iris, "--epochs", "4", "--checkpoint-every", "8");
        var folder = Path.of(folder("whole"));
        Files.delete(folder.resolve("summary.json"));
        var configuration = folder.resolve("run.conf");
        var text = Files.readString(configuration);
        Files.writeString(configuration, text.replace("virginica=2", "virginica=3"));
        var changed = Cli.run("resume", folder.toString());
        assertThat(changed.err())
                .contains("has changed: loss was softmax-cross-entropy(weights=1.0,1.0,2.0)");
        Files.writeString(configuration, text);
        var resumed = Cli.run("resume", folder.toString());
        assertThat(resumed.exitCode()).as(resumed.err()).isZero();
    }

    @Test
    void weightsThatDoNotFitAreRefused() {
        assertThat(refused("--data", CASES + "houses.csv", "--class-weights", "balanced"))
                .contains("--class-weights needs classes, but the targets price");
        var iris = List.of("--data", CASES + "iris.csv", "--class-weights");
        assertThat(refused(iris, "rare=20"))
                .contains("such as Iris-virginica=20; \"rare=20\" begins with no class")
                .contains("there are: Iris-setosa, Iris-versicolor, Iris-virginica");
        assertThat(refused(iris, "Iris-setosa=0")).contains("\"0\" as the weight of Iris-setosa");
        assertThat(refused(iris, "Iris-setosa=1,Iris-setosa=2")).contains("two weights");
        assertThat(refused(iris, "balanced", "--loss", "mse"))
                .contains("needs --loss softmax-cross-entropy, was mse");
        assertThat(refused(iris, "balanced", "--loss", "softmax-cross-entropy(1,2,3)"))
                .contains("leave one out");
        assertThat(
                        refused(
                                "--data",
                                CASES + "iris.csv",
                                "--loss",
                                "softmax-cross-entropy(weights=1,2)"))
                .contains("weights for 2 classes, but the model has 3 outputs");
    }

    /** Returns a table of two overlapping classes; the second has 0.7 % of the samples. */
    private String rareClass() throws IOException {
        var random = Seeds.of(11, "worth", 1);
        var text = new StringBuilder("x,y,kind\n");
        for (var i = 0; i < 6000; i++) {
            var rare = i % 143 == 0;
            var shift = rare ? 2.0 : 0;
            text.append(
                    "%s,%s,%s\n"
                            .formatted(
                                    random.nextGaussian() + shift,
                                    random.nextGaussian() + shift,
                                    rare ? "rare" : "often"));
        }
        return Files.writeString(temporary.resolve("rare.csv"), text).toString();
    }

    private double recall(String name) throws IOException {
        var figures = report(name).get("figures").get("classes").get(1);
        assertThat(figures.get("name").asText()).isEqualTo("rare");
        return figures.get("recall").asDouble();
    }

    private String[] weights(String name) throws IOException {
        return summary(name).get("loss").asText().replaceAll(".*=|\\)", "").split(",", -1);
    }

    private static String[] with(List<String> options, String... more) {
        var all = new ArrayList<>(options);
        all.addAll(List.of(more));
        return all.toArray(String[]::new);
    }

    private String refused(List<String> first, String... options) {
        return refused(with(first, options));
    }

    private String refused(String... options) {
        var command = Cli.run(with(List.of("train", "--out", folder("refused")), options));
        assertThat(command.exitCode()).as(command.err()).isEqualTo(ExitCode.USAGE.number());
        assertThat(command.err().strip().lines()).as(command.err()).hasSize(1);
        assertThat(temporary.resolve("refused")).doesNotExist();
        return command.err();
    }

    private String folder(String name) {
        return temporary.resolve(name).toString();
    }

    private JsonNode summary(String name) throws IOException {
        return JSON.readTree(temporary.resolve(name).resolve("summary.json").toFile());
    }

    private JsonNode report(String name) throws IOException {
        return summary(name).get("report");
    }

    private Cli trained(String name, String... options) {
        return trained(name, List.of(), options);
    }

    /** Trains two epochs, unless the options say otherwise. */
    private Cli trained(String name, List<String> first, String... options) {
        var arguments = new ArrayList<>(List.of("train", "--out", folder(name)));
        if (!List.of(options).contains("--epochs")) {
            arguments.addAll(List.of("--epochs", "2"));
        }
        arguments.addAll(first);
        arguments.addAll(List.of(options));
        var run = Cli.run(arguments.toArray(String[]::new));
        assertThat(run.exitCode()).as(run.err()).isZero();
        return run;
    }
}
