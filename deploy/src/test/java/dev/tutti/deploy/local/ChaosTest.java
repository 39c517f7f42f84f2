package dev.tutti.deploy.local;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tutti.deploy.Main;
import dev.tutti.deploy.support.Cli;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Faults that {@code --chaos} orders strike real processes, and cost no bit. */
class ChaosTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int STEPS = 60;
    private static final int WAIT_MINUTES = 2;

    @TempDir Path temporary;

    /** Nobody else is there: all strike in their steps, and the run ends only if none ends him. */
    @ParameterizedTest
    @ValueSource(strings = {"shared", "inline"})
    void whatGoesWrongWithinAWorkerCostsNeitherABitNorTheWorker(String carrier) throws IOException {
        var faults =
                List.of(
                        "duplicate(worker=0,step=5)",
                        "nan(worker=0,step=10)",
                        "slow(worker=0,step=15,times=20.0)",
                        "corrupt(worker=0,step=30)",
                        "drop-link(worker=0,step=40)");
        var run = train("within", 1, faults, "--carrier", carrier);
        var summary = assertUndisturbed(run);
        assertThat(struck(summary)).isEqualTo(faults);
        for (var fault : faults) {
            assertThat(run.err()).containsPattern("fault in step \\d+: " + Pattern.quote(fault));
        }
    }

    @Test
    void processesThatComeAndGoCostNoBit() throws IOException {
        var faults =
                List.of(
                        "kill(worker=2,step=10)",
                        "join(step=11)",
                        "pause(worker=1,step=20,seconds=0.5)",
                        "leave(worker=0,step=30)",
                        "join(step=31)",
                        "pause(worker=1,step=50,seconds=forever)");
        var among = List.of("nan(worker=0,step=15)", "duplicate(worker=1,step=40)");
        var all = Stream.concat(faults.stream(), among.stream()).toList();
        var summary = assertUndisturbed(train("among", 3, all));
        // Whether one of three gets work in so few steps is the clock's.
        assertThat(struck(summary)).containsAll(faults);
    }

    @Test
    void whatHasStruckBeforeTheCoordinatorDiedDoesNotStrikeAgain() throws Exception {
        var run = temporary.resolve("killed");
        var faults =
                List.of(
                        "duplicate(worker=0,step=10)",
                        "kill-coordinator(step=25)",
                        "nan(worker=0,step=30)",
                        "join(step=40)");
        var process = launch(run, faults);
        assertThat(process.waitFor(WAIT_MINUTES, TimeUnit.MINUTES)).isTrue();
        assertThat(process.exitValue()).isEqualTo(128 + 9);
        assertThat(run.resolve("summary.json")).doesNotExist();

        var resumed = Cli.run("resume", run.toString(), "--json");

        assertThat(struck(assertUndisturbed(resumed))).isEqualTo(faults);
        assertThat(resumed.err())
                .contains("faults to come: nan(worker=0,step=30),join(step=40)")
                .doesNotContain("fault in step 10");
    }

    @Test
    void aDrawnPlanIsWrittenDown() throws IOException {
        var run = train("drawn", 2, List.of("random(seed=3,faults=4)"));
        assertUndisturbed(run);
        var plan = run.err().replaceAll("(?s).*faults to come: (\\S+).*", "$1");
        assertThat(Files.readString(temporary.resolve("drawn").resolve("run.conf")))
                .contains("chaos=\"%s\"".formatted(plan));
    }

    /** Expects the weights of one undisturbed worker, and an exact ledger; returns the summary. */
    private JsonNode assertUndisturbed(Cli run) throws IOException {
        var found = summary(run);
        var wanted = summary(train("undisturbed", "--workers", "1"));
        assertThat(found.get("weightsDigest")).isEqualTo(wanted.get("weightsDigest"));
        assertThat(found.get("ledger")).isEqualTo(wanted.get("ledger"));
        assertThat(found.get("ledgerExact").asBoolean()).isTrue();
        return found;
    }

    private Cli train(String name, int processes, List<String> faults, String... more) {
        var arguments = new ArrayList<>(List.of("--chaos", String.join(",", faults)));
        arguments.addAll(List.of("--workers", Integer.toString(processes)));
        arguments.addAll(List.of("--processes", Integer.toString(processes)));
        arguments.addAll(List.of(more));
        return train(name, arguments.toArray(String[]::new));
    }

    private Cli train(String name, String... more) {
        var arguments = new ArrayList<>(List.of("train", "--json", "--wait", "60"));
        arguments.addAll(List.of("--steps", Integer.toString(STEPS)));
        arguments.addAll(List.of("--out", temporary.resolve(name).toString()));
        arguments.addAll(List.of(more));
        return Cli.run(arguments.toArray(String[]::new));
    }

    private static JsonNode summary(Cli run) throws IOException {
        assertThat(run.exitCode()).as(run.err()).isZero();
        return JSON.readTree(run.lastLine());
    }

    private static List<String> struck(JsonNode summary) {
        var struck = new ArrayList<String>();
        summary.get("faults").forEach(fault -> struck.add(fault.get("fault").asText()));
        return struck;
    }

    private Process launch(Path run, List<String> faults) throws IOException {
        var command = new ArrayList<String>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(LocalWorkers.inheritedFlags());
        command.addAll(List.of("-cp", System.getProperty("java.class.path")));
        command.addAll(List.of(Main.class.getName(), "train", "--workers", "1"));
        command.addAll(List.of("--processes", "1", "--steps", Integer.toString(STEPS)));
        command.addAll(List.of("--checkpoint-every", "7", "--out", run.toString()));
        command.addAll(List.of("--chaos", String.join(",", faults)));
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(temporary.resolve("output").toFile())
                .start();
    }
}
