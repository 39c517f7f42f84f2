package dev.tutti.deploy.export;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tutti.deploy.support.Cli;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a run leaves for other tools. */
class ExportsTest {
    private static final String DIGITS =
            "train --data digits --model dense --batch 64 --steps 12 --kernel plain --workers 1";

    @TempDir Path temporary;

    @Test
    void metricsAreThoseOfTheStepsAndEpochs() throws IOException {
        var run = train();
        var rows = Files.readAllLines(run.resolve("metrics.csv"));
        var names = List.of(rows.getFirst().split(",", -1));
        assertThat(names).startsWith("step", "timestamp", "train/loss").doesNotHaveDuplicates();
        var steps = lines(run.resolve("steps.jsonl"));
        var ofSteps =
                rows.stream()
                        .skip(1)
                        .map(row -> row.split(",", -1))
                        .filter(row -> !row[names.indexOf("train/loss")].isEmpty())
                        .toList();
        assertThat(ofSteps).hasSameSizeAs(steps);
        for (var i = 0; i < steps.size(); i++) {
            var row = ofSteps.get(i);
            assertThat(row).hasSize(names.size());
            assertThat(row[0]).isEqualTo(steps.get(i).path("step").asText());
            assertThat(Double.parseDouble(row[names.indexOf("train/loss")]))
                    .isEqualTo(steps.get(i).path("loss").asDouble());
        }
        var summary = new ObjectMapper().readTree(run.resolve("summary.json").toFile());
        assertThat(Double.parseDouble(last(rows)[names.indexOf("test/accuracy")]))
                .isEqualTo(summary.path("testAccuracy").asDouble());
    }

    @Test
    void anEventFileHasAnEventForEachRow() throws IOException {
        var run = train("--tensorboard");
        try (var files = Files.list(run)) {
            var events =
                    files.filter(file -> file.getFileName().toString().contains("tfevents"))
                            .toList();
            assertThat(events).hasSize(1);
            var rows = Files.readAllLines(run.resolve("metrics.csv")).size() - 1;
            assertThat(records(Files.readAllBytes(events.getFirst()))).isEqualTo(1 + rows);
        }
        try (var files = Files.list(train())) {
            assertThat(files).noneMatch(file -> file.toString().contains("tfevents"));
        }
    }

    @Test
    void aRunEndsWithItsReportUnlessNoneIsWanted() throws IOException {
        var run = temporary.resolve("reported");
        var cli = Cli.run((DIGITS + " --out " + run).split(" "));
        assertThat(cli.out().lines().toList().getLast())
                .isEqualTo("page      " + run.resolve("report.html"));
        assertThat(run.resolve("report.html")).content().contains("Content-Security-Policy");
        assertThat(train("--no-report").resolve("report.html")).doesNotExist();
    }

    private Path train(String... more) {
        var run = temporary.resolve("run" + System.nanoTime());
        var arguments = new ArrayList<>(List.of((DIGITS + " --out " + run).split(" ")));
        arguments.addAll(List.of(more));
        var cli = Cli.run(arguments.toArray(String[]::new));
        assertThat(cli.exitCode()).as(cli.err()).isZero();
        return run;
    }

    private static String[] last(List<String> rows) {
        return rows.getLast().split(",", -1);
    }

    private static List<JsonNode> lines(Path file) throws IOException {
        var nodes = new ArrayList<JsonNode>();
        for (var line : Files.readAllLines(file)) {
            nodes.add(new ObjectMapper().readTree(line));
        }
        return nodes;
    }

    /** Counts whole records: a length, a checksum, so many bytes, a checksum. */
    private static int records(byte[] bytes) {
        var in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        var count = 0;
        while (in.hasRemaining()) {
            var length = in.getLong();
            in.position(Math.toIntExact(in.position() + Integer.BYTES + length + Integer.BYTES));
            count++;
        }
        return count;
    }
}
