package dev.tutti.deploy.project;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.deploy.Main;
import dev.tutti.deploy.cli.ExitCode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Runs the tests of the cluster scripts, with the classes under test in place of a distribution.
 */
class ScriptsTest {
    private static final int MINUTES_MAX = 10;

    @TempDir Path temporary;

    @ParameterizedTest
    @ValueSource(strings = {"local-cluster-test.sh", "cluster-test.sh"})
    void scriptDoesWhatItSays(String script) throws IOException, InterruptedException {
        var output = temporary.resolve("output");
        var builder = new ProcessBuilder("bash", Path.of("test", script).toString());
        builder.environment().put("TUTTI_DISTRIBUTION", distribution().toString());
        builder.redirectErrorStream(true).redirectOutput(output.toFile());
        var process = builder.start();
        var ended = process.waitFor(MINUTES_MAX, TimeUnit.MINUTES);
        // The script's own trap ends what it has started.
        process.destroy();
        assertThat(ended)
                .as("ends within %d min: %s", MINUTES_MAX, Files.readString(output))
                .isTrue();
        assertThat(process.exitValue()).as(Files.readString(output)).isZero();
    }

    /** With so few the JVM would not find its classes, and say so in its own words. */
    @Test
    void tooFewOpenFilesAreRefusedInOneLine() throws IOException, InterruptedException {
        var builder =
                new ProcessBuilder(
                        "sh", "-c", "ulimit -n 64; exec sh src/main/bin/tutti train --steps 1");
        builder.environment()
                .put("TUTTI_JAVA", Path.of(System.getProperty("java.home"), "bin/java").toString());
        var process = builder.redirectErrorStream(true).start();
        var said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(said).isEqualTo(ExitCode.RESOURCES.number());
        assertThat(said.lines()).hasSize(1).first().asString().contains("64", "ulimit -n");
    }

    /** Makes a distribution whose command runs the classes of this test. */
    private Path distribution() throws IOException {
        var home = temporary.resolve("distribution");
        var command = home.resolve("bin").resolve("tutti");
        Files.createDirectories(home.resolve("bin"));
        Files.writeString(
                command,
                """
                #!/bin/sh
                exec "%s" --enable-native-access=ALL-UNNAMED \\
                  --sun-misc-unsafe-memory-access=allow -Dio.netty.noUnsafe=true \\
                  -cp "%s" %s "$@"
                """
                        .formatted(
                                Path.of(System.getProperty("java.home"), "bin", "java"),
                                System.getProperty("java.class.path"),
                                Main.class.getName()));
        Files.setPosixFilePermissions(command, PosixFilePermissions.fromString("rwxr-xr-x"));
        return home;
    }
}
