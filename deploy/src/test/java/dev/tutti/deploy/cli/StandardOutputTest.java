package dev.tutti.deploy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.deploy.support.Cli;
import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A command whose output is lost does not end as if all were well. */
class StandardOutputTest {
    private static final String RESOURCES = "src/test/resources/dev/tutti/deploy/cases/";

    @TempDir Path temporary;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--help",
                "--version",
                "train --help",
                "info",
                "trace",
                "check-gradients",
                "train --steps 2 --validation 0 --json",
                "train --steps 2 --validation 0"
            })
    void aFullDeviceIsOneLineAndItsOwnCode(String command) {
        var arguments = new ArrayList<>(List.of(command.split(" ", -1)));
        if (arguments.contains("--steps")) {
            arguments.addAll(List.of("--out", temporary.resolve("run").toString()));
        }
        var ended = run(full("No space left on device"), arguments.toArray(String[]::new));
        assertThat(ended.exitCode()).as(ended.err()).isEqualTo(ExitCode.OUTPUT.number());
        assertThat(ended.err().lines().filter(line -> line.startsWith("tutti:")))
                .containsExactly("tutti: cannot write to standard output: No space left on device");
    }

    @Test
    void predictionsAndFiguresThatAreLostAreTold() {
        var model = trained();
        var data = RESOURCES + "iris.csv";
        for (var command :
                List.of(
                        List.of("predict", "--model-dir", model, "--data", data),
                        List.of("evaluate", "--model-dir", model),
                        List.of("evaluate", "--model-dir", model, "--json"))) {
            var ended = run(full("No space left on device"), command.toArray(String[]::new));
            assertThat(ended.exitCode()).as(ended.err()).isEqualTo(ExitCode.OUTPUT.number());
        }
    }

    @Test
    void aReaderThatHasGoneEndsTheCommandWithoutAWord() {
        var data = RESOURCES + "iris.csv";
        var ended = run(full("Broken pipe"), "predict", "--model-dir", trained(), "--data", data);
        assertThat(ended.exitCode()).isEqualTo(ExitCode.PIPE_CLOSED.number());
        assertThat(ended.err()).isEmpty();
    }

    /** The same in a process, with what the system itself says. */
    @Test
    void theSystemsOwnFailuresAreThese() throws Exception {
        assertThat(process("info >/dev/full"))
                .isEqualTo("11 tutti: cannot write to standard output: No space left on device");
        assertThat(process("info >&-"))
                .isEqualTo("11 tutti: cannot write to standard output: it is closed");
        // The reader leaves before the first byte is written: a pipe without one.
        assertThat(process("info | exec 0<&-")).isEqualTo("141");
    }

    private static String process(String command) throws Exception {
        var java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        var script =
                "set -o pipefail; exec 3>&1; ( %s ) 2>&1 >&3 3>&-; echo $?"
                        .formatted(
                                command.replaceFirst(
                                        "^info",
                                        "\"\\$JAVA\" \\$FLAGS -cp \"\\$CP\" dev.tutti.deploy.Main info"));
        var builder = new ProcessBuilder("bash", "-c", script).redirectErrorStream(true);
        builder.environment().put("JAVA", java);
        builder.environment()
                .put(
                        "FLAGS",
                        "--enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow");
        builder.environment().put("CP", System.getProperty("java.class.path"));
        var process = builder.start();
        var said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        process.waitFor();
        var lines = said.strip().lines().toList();
        return (lines.getLast() + " " + String.join("\n", lines.subList(0, lines.size() - 1)))
                .strip();
    }

    private String trained() {
        var run = temporary.resolve("model").toString();
        if (!new File(run).exists()) {
            var command =
                    Cli.run(
                            "train",
                            "--data",
                            RESOURCES + "iris.csv",
                            "--epochs",
                            "1",
                            "--out",
                            run);
            assertThat(command.exitCode()).as(command.err()).isZero();
        }
        assertThat(Files.isDirectory(Path.of(run))).isTrue();
        return run;
    }

    private static OutputStream full(String reason) {
        return new OutputStream() {
            @Override
            public void write(int value) throws IOException {
                throw new IOException(reason);
            }
        };
    }

    private static Cli run(OutputStream device, String... arguments) {
        var out = new PrintStream(new StandardOutput(device), true, StandardCharsets.UTF_8);
        return Cli.run(out, arguments);
    }
}
