package dev.tutti.deploy.run;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tutti.common.format.Safetensors;
import dev.tutti.common.vector.Floats;
import dev.tutti.deploy.support.Cli;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The whole program against PyTorch: cases with data, starting weights, the loss of every step and
 * the final weights, computed once with PyTorch and kept with the tests.
 */
class GoldenTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final List<Integer> WORKERS = List.of(1, 2, 3, 4);
    private static final double LOSS_TOLERANCE = 1e-4;
    private static final double RELATIVE_TOLERANCE = 1e-4;
    private static final double ABSOLUTE_TOLERANCE = 1e-5;

    @TempDir Path temporary;

    @ParameterizedTest
    @MethodSource("cases")
    void anyNumberOfWorkersTrainsWhatPyTorchTrains(Path golden) throws IOException {
        var described = JSON.readTree(golden.resolve("case.json").toFile());
        var expected = tensors(golden.resolve("expected.safetensors"));
        var digests = new ArrayList<String>();
        for (var workers : WORKERS) {
            var run = temporary.resolve("workers-" + workers);
            var command = Cli.run(arguments(golden, described, workers, run));
            assertThat(command.exitCode()).as(command.err()).isZero();
            assertThat(losses(run)).hasSize(described.get("steps").asInt());
            assertLossesAgree(described, losses(run));
            assertWeightsAgree(expected, tensors(run.resolve("model.safetensors")));
            digests.add(JSON.readTree(command.lastLine()).get("weightsDigest").asText());
        }
        assertThat(digests).containsOnly(digests.getFirst());
    }

    static Stream<Path> cases() throws IOException {
        var folder = Path.of("src/test/resources/dev/tutti/deploy/golden");
        try (var cases = Files.list(folder)) {
            return cases.sorted().toList().stream();
        }
    }

    private static String[] arguments(Path golden, JsonNode described, int workers, Path out) {
        var targets = new ArrayList<String>();
        described.get("targets").forEach(name -> targets.add(name.asText()));
        var options =
                Map.of(
                        "--data", golden.resolve("data.csv").toString(),
                        "--targets", String.join(",", targets),
                        "--model", described.get("model").asText(),
                        "--loss", described.get("loss").asText(),
                        "--optimizer", described.get("optimizer").asText(),
                        "--batch", described.get("batch").asText(),
                        "--steps", described.get("steps").asText(),
                        "--init", golden.resolve("init.safetensors").toString(),
                        "--workers", Integer.toString(workers),
                        "--out", out.toString());
        var arguments = new ArrayList<>(List.of("train", "--json"));
        arguments.addAll(List.of("--shuffle", "false", "--validation", "0"));
        options.forEach((option, value) -> arguments.addAll(List.of(option, value)));
        return arguments.toArray(String[]::new);
    }

    private static void assertLossesAgree(JsonNode described, List<Double> losses) {
        for (var step = 0; step < losses.size(); step++) {
            assertThat(Math.abs(losses.get(step) - described.get("losses").get(step).asDouble()))
                    .as("loss of step %d", step)
                    .isLessThanOrEqualTo(LOSS_TOLERANCE);
        }
    }

    private static void assertWeightsAgree(
            Map<String, float[]> expected, Map<String, float[]> found) {
        assertThat(found.keySet()).isEqualTo(expected.keySet());
        expected.forEach((name, values) -> {
            var weights = found.getOrDefault(name, new float[0]);
            assertThat(weights).as(name).hasSameSizeAs(values);
            for (var i = 0; i < values.length; i++) {
                assertThat((double) Math.abs(weights[i] - values[i]))
                        .as("%s[%d] = %s, PyTorch has %s", name, i, weights[i], values[i])
                        .isLessThanOrEqualTo(
                                ABSOLUTE_TOLERANCE + RELATIVE_TOLERANCE * Math.abs(values[i]));
            }
        });
    }

    private static List<Double> losses(Path run) throws IOException {
        var losses = new ArrayList<Double>();
        for (var line : Files.readAllLines(run.resolve("steps.jsonl"))) {
            losses.add(JSON.readTree(line).get("loss").asDouble());
        }
        return losses;
    }

    private static Map<String, float[]> tensors(Path file) throws IOException {
        try (var arena = Arena.ofConfined();
                var channel = FileChannel.open(file)) {
            var bytes = channel.map(MapMode.READ_ONLY, 0, channel.size(), arena);
            var tensors = new TreeMap<String, float[]>();
            Safetensors.read(bytes)
                    .tensors()
                    .forEach(tensor -> tensors.put(tensor.name(), Floats.toArray(tensor.values())));
            return tensors;
        }
    }
}
