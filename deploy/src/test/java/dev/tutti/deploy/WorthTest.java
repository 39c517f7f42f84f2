package dev.tutti.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tutti.common.data.Seeds;
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
