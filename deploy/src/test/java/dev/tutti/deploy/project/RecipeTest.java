package dev.tutti.deploy.project;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tutti.common.vector.Floats;
import dev.tutti.deploy.model.SavedModel;
import dev.tutti.deploy.support.Cli;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The options of a training recipe do what their help says, through the command line. */
class RecipeTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir Path temporary;

    @Test
    void accumulatedBatchesAreOneBatchAndSoManyTimesTheShards() throws IOException {
        var accumulated =
                train("--batch", "8", "--shards", "2", "--accumulate", "4", "--epochs", "1");
        var whole = train("--batch", "32", "--shards", "8", "--epochs", "1");
        assertThat(digest(accumulated)).isEqualTo(digest(whole));
        assertThat(steps(accumulated)).hasSameSizeAs(steps(whole));
    }

    @Test
    void aScheduleSetsTheRateOfEachStep() throws IOException {
        var run =
                train(
                        "--optimizer",
                        "sgd(0.1)",
                        "--schedule",
                        "warmup(2,step(2,0.5))",
                        "--steps",
                        "6");
        assertThat(steps(run))
                .extracting(step -> step.get("rate").asDouble())
                .containsExactly(0.05, 0.1, 0.1, 0.1, 0.05, 0.05);
    }

    @Test
    void theRateIsScaledFromTheBatchItWasFoundFor() throws IOException {
        var scaled =
                train(
                        "--optimizer",
                        "sgd(0.01)",
                        "--batch",
                        "32",
                        "--accumulate",
                        "2",
                        "--scale-rate-from",
                        "16",
                        "--steps",
                        "3");
        var plain =
                train("--optimizer", "sgd(0.04)", "--batch", "64", "--shards", "8", "--steps", "3");
        assertThat(steps(scaled)).allMatch(step -> step.get("rate").asDouble() == 0.04);
        assertThat(digest(scaled)).isEqualTo(digest(plain));
    }

    @Test
    void aClippedGradientMovesTheWeightsByNoMoreThanTheNorm() throws IOException {
        var free = train("--optimizer", "sgd(1)", "--steps", "1");
        var clipped = train("--optimizer", "sgd(1)", "--clip-norm", "0.01", "--steps", "1");
        var wide = train("--optimizer", "sgd(1)", "--clip-norm", "1000", "--steps", "1");
        var still = train("--optimizer", "sgd(1e-30)", "--steps", "1");
        assertThat(distance(still, clipped)).isBetween(0.0099, 0.0101);
        assertThat(distance(still, free)).isGreaterThan(0.1);
        assertThat(digest(wide)).isEqualTo(digest(free));
    }

    @Test
    void patienceStopsAfterSoManyEpochsWithoutABetterLossAndKeepsTheBest() throws IOException {
        var run = train("--optimizer", "adam(0.03)", "--epochs", "40", "--patience", "2");
        var epochs = lines(run.resolve("epochs.jsonl"));
        var losses = epochs.stream().map(epoch -> epoch.get("validationLoss").asDouble()).toList();
        var best = losses.indexOf(losses.stream().min(Double::compare).orElseThrow());
        assertThat(losses).hasSizeLessThan(40).hasSize(best + 3);
        assertThat(digest(run)).isEqualTo(epochs.get(best).get("digest").asText());
    }

    @Test
    void aLossBelowTheThresholdEndsTheRun() throws IOException {
        var run = train("--epochs", "40", "--stop-below", "1.0");
        var losses =
                lines(run.resolve("epochs.jsonl")).stream()
                        .map(epoch -> epoch.get("validationLoss").asDouble())
                        .toList();
        assertThat(losses).hasSizeLessThan(40);
        assertThat(losses.getLast()).isLessThan(1);
        assertThat(losses.subList(0, losses.size() - 1)).allMatch(loss -> loss >= 1);
    }

    private Path train(String... options) throws IOException {
        var run = Files.createTempDirectory(temporary, "run").resolve("out");
        var arguments = new ArrayList<>(List.of("train", "--model", "dense(16),tanh,dense"));
        arguments.addAll(List.of("--out", run.toString()));
        arguments.addAll(List.of(options));
        var command = Cli.run(arguments.toArray(String[]::new));
        assertThat(command.exitCode()).as(command.err()).isZero();
        return run;
    }

    private static List<JsonNode> steps(Path run) throws IOException {
        return lines(run.resolve("steps.jsonl"));
    }

    private static List<JsonNode> lines(Path file) throws IOException {
        var lines = new ArrayList<JsonNode>();
        for (var line : Files.readAllLines(file)) {
            lines.add(JSON.readTree(line));
        }
        return lines;
    }

    private static String digest(Path run) throws IOException {
        return JSON.readTree(run.resolve("summary.json").toFile()).get("weightsDigest").asText();
    }

    /** Returns the Euclidean distance between the weights of two runs. */
    private static double distance(Path left, Path right) {
        var from = SavedModel.read(left).weights();
        var to = SavedModel.read(right).weights();
        var squares = 0.0;
        for (var i = 0L; i < Floats.count(from); i++) {
            var difference = (double) Floats.get(from, i) - Floats.get(to, i);
            squares += difference * difference;
        }
        return Math.sqrt(squares);
    }
}
