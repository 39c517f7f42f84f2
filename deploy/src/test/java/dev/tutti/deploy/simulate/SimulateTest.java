package dev.tutti.deploy.simulate;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tutti.deploy.cli.ExitCode;
import dev.tutti.deploy.support.Cli;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code tutti simulate} as a user sees it. */
class SimulateTest {
    private static final String MODEL = "dense(64),relu,dense";

    @TempDir Path temporary;

    @Test
    void aPredictionForEachPowerOfTwoAndTheNumberAskedFor() throws Exception {
        var svg = temporary.resolve("speed-up.svg");
        var cli =
                Cli.run(
                        "simulate",
                        "--workers",
                        "6",
                        "--topology",
                        "tree(fanout=2)",
                        "--model",
                        MODEL,
                        "--kernel",
                        "plain",
                        "--json",
                        "--svg",
                        svg.toString());
        assertThat(cli.exitCode()).as(cli.err()).isZero();
        var report = new ObjectMapper().readTree(cli.out());
        assertThat(report.path("predictions").findValuesAsText("workers"))
                .containsExactly("1", "2", "4", "6");
        assertThat(report.path("floats").asLong()).isEqualTo(785 * 64 + 650);
        var text = Files.readString(svg);
        var drawing =
                DocumentBuilderFactory.newInstance()
                        .newDocumentBuilder()
                        .parse(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)));
        assertThat(drawing.getElementsByTagName("desc").item(0).getTextContent())
                .contains("6 workers: speed-up");
    }

    @Test
    void aRunGivesModelBatchAndTimes() throws Exception {
        var run = temporary.resolve("run");
        var train =
                Cli.run(
                        "train",
                        "--data",
                        "digits",
                        "--model",
                        MODEL,
                        "--batch",
                        "32",
                        "--steps",
                        "30",
                        "--shards",
                        "2",
                        "--workers",
                        "2",
                        "--kernel",
                        "plain",
                        "--out",
                        run.toString());
        assertThat(train.exitCode()).as(train.err()).isZero();
        var cli = Cli.run("simulate", "--calibrate", run.toString(), "--workers", "2", "--json");
        assertThat(cli.exitCode()).as(cli.err()).isZero();
        var report = new ObjectMapper().readTree(cli.out());
        assertThat(report.path("batch").asInt()).isEqualTo(16);
        assertThat(report.path("floats").asLong()).isEqualTo(65 * 64 + 650);
        assertThat(report.path("costsFrom").asText()).contains("steps of");
        var conf = Files.readString(run.resolve("run.conf"));
        Files.writeString(run.resolve("run.conf"), conf + "\ncompress=\"int8\"\n");
        var coded = Cli.run("simulate", "--calibrate", run.toString());
        assertThat(coded.exitCode()).isEqualTo(ExitCode.USAGE.number());
        assertThat(coded.err()).contains("its --compress was int8");
        Files.writeString(run.resolve("steps.jsonl"), "{\"step\":1,\"loss\":1.0}\n");
        var without = Cli.run("simulate", "--calibrate", run.toString());
        assertThat(without.exitCode()).isEqualTo(ExitCode.DATA.number());
        assertThat(without.err()).contains("has no timings");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "--link|fast|--link: cannot read \"fast\"; expected bits a second",
                "--latency|1|--latency: cannot read \"1\"; expected a time",
                "--topology|ring|--topology: cannot read \"ring\"; expected star",
                "--topology|tree(fanout=1)|--topology: cannot read",
                "--workers|0|--workers must be at least 1, was 0",
                "--workers|100000|--workers must be at most 65536",
                "--model|dense(|",
                "--compress|zip|",
            })
    void whatCannotBeReadIsOneLine(String option, String value, String said) {
        var cli = Cli.run("simulate", option, value);
        assertThat(cli.exitCode()).isEqualTo(ExitCode.USAGE.number());
        assertThat(cli.err()).startsWith("tutti: ").contains(said == null ? "" : said);
        assertThat(cli.err().lines()).hasSize(1);
    }

    @Test
    void stateOfACompressorDoesNotGoThroughRelays() {
        var cli =
                Cli.run(
                        "simulate",
                        "--compress",
                        "error-feedback(sign)",
                        "--topology",
                        "tree(fanout=2)",
                        "--workers",
                        "4",
                        "--model",
                        MODEL,
                        "--kernel",
                        "plain");
        assertThat(cli.exitCode()).isEqualTo(ExitCode.USAGE.number());
        assertThat(cli.err()).contains("keeps something with each worker");
    }
}
