package dev.tutti.deploy.study;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.deploy.cli.ExitCode;
import dev.tutti.deploy.support.Cli;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** {@code tutti study} as a user runs it, with real runs of a few steps. */
class StudyTest {
    private static final String GRID =
            """
            title = "<script>alert(1)</script>"
            base { data = digits, steps = 12, model = "dense", checkpoint-every = "4" }
            vary {
              sync = [synchronous, "backup(1)"]
              batch = [32, 64]
            }
            seeds = [1, 2]
            """;

    /** The first run of that grid alone. */
    private static final String ONE =
            """
            base { data = digits, steps = 12, model = "dense", checkpoint-every = "4", sync = synchronous, batch = 32 }
            seeds = [1]
            """;

    @TempDir Path temporary;

    @Test
    void aStudyThatGoesOnHasTheSameResultsAndComputesNoRunTwice() throws IOException {
        var whole = study(GRID, "whole");
        assertThat(whole.exitCode()).as(whole.err()).isZero();
        // A study that was stopped after its first run, and in the middle of its second: that is
        // what the folders of runs say.
        var first = study(ONE, "stopped");
        assertThat(first.exitCode()).as(first.err()).isZero();
        var done = summaries("stopped");
        assertThat(done).hasSize(1);
        interrupt();
        var second = study(GRID, "stopped");
        assertThat(second.exitCode()).as(second.err()).isZero();
        assertThat(second.out()).contains("8 runs; 1 of 8 are done").doesNotContain("[1/8]");
        assertThat(file("stopped", "results.csv")).isEqualTo(file("whole", "results.csv"));
        assertThat(summaries("stopped")).hasSize(8).containsAllEntriesOf(done);
        var before = summaries("stopped");
        assertThat(study(GRID, "stopped").out()).contains("8 of 8 are done");
        assertThat(summaries("stopped")).isEqualTo(before);
        assertThat(file("stopped", "results.csv")).isEqualTo(file("whole", "results.csv"));
    }

    /**
     * Leaves the second run as a process that was killed would: with checkpoints and no summary.
     */
    private void interrupt() throws IOException {
        var name =
                file("whole", "results.csv")
                        .lines()
                        .skip(2)
                        .findFirst()
                        .orElseThrow()
                        .split(",", 2)[0];
        var from = temporary.resolve("whole/runs").resolve(name);
        var to = temporary.resolve("stopped/runs").resolve(name);
        try (var files = Files.walk(from)) {
            for (var file : files.toList()) {
                var target = to.resolve(from.relativize(file).toString());
                if (Files.isDirectory(file)) {
                    Files.createDirectories(target);
                } else {
                    Files.copy(file, target);
                }
            }
        }
        Files.delete(to.resolve("summary.json"));
        Files.delete(to.resolve("model.safetensors"));
    }

    @Test
    void theReportHasATableOfMeansAndSpreadsAndAllCurves() throws Exception {
        assertThat(study(GRID, "out").exitCode()).isZero();
        var text = file("out", "report.html");
        assertThat(text)
                .doesNotContain("<script")
                .contains("sync \\ batch")
                .contains("test accuracy: mean ± standard deviation over the seeds")
                .containsPattern("\\d ± 0\\.\\d+ \\(2\\)")
                .contains("sync=backup(1) batch=64 seed=2")
                .contains("--sync &#39;backup(1)&#39;");
        var page =
                DocumentBuilderFactory.newInstance()
                        .newDocumentBuilder()
                        .parse(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)))
                        .getDocumentElement();
        assertThat(page.getElementsByTagName("figure").getLength()).isPositive();
        assertThat(page.getElementsByTagName("h1").item(0).getTextContent())
                .isEqualTo("<script>alert(1)</script>");
    }

    /** A batch of 8 takes more steps to the loss than one of 32; the last run never gets there. */
    @Test
    void aTableOfStepsCountsRunsThatReachTheTargetAlone() throws IOException {
        var study =
                study(
                        """
                        base { data = digits, epochs = 4, model = "dense", stop-below = 1.0 }
                        zip { batch = [8, 32, 32], optimizer = ["sgd(rate=0.05)", "sgd(rate=0.1)", "sgd(rate=0.0001)"] }
                        report { value = stepsToTarget }
                        """,
                        "target");
        assertThat(study.exitCode()).as(study.err()).isZero();
        var lines = file("target", "results.csv").lines().map(line -> line.split(",", -1)).toList();
        var steps = List.of(lines.getFirst()).indexOf("steps");
        var toTarget = List.of(lines.getFirst()).indexOf("stepsToTarget");
        assertThat(lines.get(1)[toTarget]).isEqualTo(lines.get(1)[steps]);
        assertThat(lines.get(2)[toTarget]).isEqualTo(lines.get(2)[steps]);
        assertThat(Integer.parseInt(lines.get(1)[toTarget]))
                .isGreaterThan(Integer.parseInt(lines.get(2)[toTarget]));
        assertThat(lines.get(3)[toTarget]).isEmpty();
        assertThat(file("target", "report.html"))
                .contains("steps to the target loss")
                .contains("(0 of 1)");
    }

    @Test
    void aRunThatFailsIsRecordedAndEndsNothing() throws IOException {
        var text =
                """
                base { data = digits, steps = 12, model = "dense" }
                vary { optimizer = ["sgd(rate=1e38)", "sgd(rate=0.1)"] }
                """;
        var cli = study(text, "out");
        assertThat(cli.exitCode()).as(cli.err()).isZero();
        assertThat(cli.out()).contains("[1/2] optimizer=sgd(rate=1e38): failed: ");
        var results = file("out", "results.csv").lines().toList();
        assertThat(results).hasSize(3);
        assertThat(results.get(1)).contains(",failed,");
        assertThat(results.get(2)).contains(",done,");
        assertThat(file("out", "report.html")).contains("Failed runs").contains("1 failed");
        assertThat(study(text, "out").out()).doesNotContain("[");
        assertThat(file("out", "results.csv").lines().toList()).isEqualTo(results);
    }

    @Test
    void settingsThatExcludeEachOtherAreNamedBeforeAnythingRuns() {
        var cli =
                study(
                        """
                        base { data = digits, steps = 4 }
                        vary { batch = [8, 32], shards = [4, 16] }
                        seeds = 3
                        """,
                        "out");
        assertThat(cli.exitCode()).isEqualTo(ExitCode.USAGE.number());
        assertThat(cli.err())
                .hasLineCount(1)
                .contains("3 runs cannot start: a batch of 8 samples cannot be cut into 16 shards")
                .contains("such as batch=8 shards=16 seed=1")
                .contains("exclude");
        assertThat(temporary.resolve("out")).doesNotExist();
    }

    @Test
    void aDryRunSaysWhatWouldRunAndMakesNothing() throws IOException {
        var cli = run(GRID, "out", "--dry-run");
        assertThat(cli.exitCode()).as(cli.err()).isZero();
        assertThat(cli.out())
                .contains("8 runs")
                .contains("  sync: synchronous | backup(1)")
                .contains("  seed: [1, 2]")
                .contains("96 steps in all; 0 of 8 are done");
        assertThat(temporary.resolve("out")).doesNotExist();
    }

    static Stream<Path> readyStudies() throws IOException {
        try (var files = Files.list(Path.of("studies"))) {
            return files
                    .filter(file -> file.toString().endsWith(".conf"))
                    .sorted()
                    .toList()
                    .stream();
        }
    }

    /** Every run of a ready study can begin; data that this machine may not have are exchanged. */
    @ParameterizedTest
    @MethodSource("readyStudies")
    void readyStudiesCanBegin(Path file) throws IOException {
        var text = Files.readString(file).replace("data = fashion-mnist", "data = digits");
        var cli = run(text, "out", "--dry-run");
        assertThat(cli.exitCode()).as(cli.err()).isZero();
        var said = Pattern.compile("\\b(\\d+) runs").matcher(text);
        assertThat(said.find()).as("%s says how many runs it has", file).isTrue();
        assertThat(cli.out()).contains(": %s runs\n".formatted(said.group(1)));
        var page = file.getFileName().toString().replace(".conf", ".md");
        assertThat(Path.of("..", "docs", "studies", page)).exists();
    }

    @Test
    void aBudgetBelowOneRunIsRefusedOnceItIsOver() throws IOException {
        var text = "base { data = digits, epochs = 200 }, budget = 0.002";
        var cli = study(text, "out");
        assertThat(cli.exitCode()).isEqualTo(ExitCode.USAGE.number());
        assertThat(cli.err())
                .contains("the budget of 0.1 s ended before one run was over, at step ")
                .contains("of 9000");
        // The run goes on where the budget stopped it.
        assertThat(summaries("out")).isEmpty();
        assertThat(file("out", "results.csv")).hasLineCount(1);
    }

    @Test
    void somethingElseInThePlaceOfARunIsNamedBeforeAnythingRuns() throws IOException {
        assertThat(study(ONE, "out").exitCode()).isZero();
        var run =
                temporary.resolve("out/runs").resolve(summaries("out").keySet().iterator().next());
        for (var file : List.of("run.conf", "summary.json")) {
            Files.delete(run.resolve(file));
        }
        var cli = study(ONE, "out");
        assertThat(cli.exitCode()).isEqualTo(ExitCode.OUTPUT.number());
        assertThat(cli.err())
                .hasLineCount(1)
                .contains(run + " is not the folder of a run: it has ")
                .contains("and no run.conf; move it away");
    }

    private Cli study(String text, String out) {
        try {
            return run(text, out);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private Cli run(String text, String out, String... more) throws IOException {
        var file = temporary.resolve("study.conf");
        Files.writeString(file, text);
        var arguments = new ArrayList<>(List.of("study", file.toString(), "--out"));
        arguments.add(temporary.resolve(out).toString());
        arguments.addAll(List.of(more));
        return Cli.run(arguments.toArray(String[]::new));
    }

    private String file(String out, String name) throws IOException {
        return Files.readString(temporary.resolve(out).resolve(name));
    }

    /** Returns when each run that is done was written. */
    private Map<String, FileTime> summaries(String out) throws IOException {
        try (var runs = Files.list(temporary.resolve(out).resolve("runs"))) {
            return runs.filter(run -> Files.exists(run.resolve("summary.json")))
                    .collect(
                            Collectors.toMap(
                                    run -> run.getFileName().toString(), StudyTest::written));
        }
    }

    private static FileTime written(Path run) {
        try {
            return Files.getLastModifiedTime(run.resolve("summary.json"));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
