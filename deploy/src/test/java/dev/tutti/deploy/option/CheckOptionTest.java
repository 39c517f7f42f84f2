package dev.tutti.deploy.option;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.deploy.cli.ExitCode;
import dev.tutti.deploy.support.Cli;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What {@code --check} finds before a run, and that it makes nothing; and what a host may be
 * called.
 */
class CheckOptionTest {
    @TempDir Path temporary;

    @Test
    void aRunThatCanBeginIsLeftAlone() throws IOException {
        assertThat(check("127.0.0.1:0").exitCode()).isZero();
        assertThat(temporary).isEmptyDirectory();
    }

    @Test
    void aWrongOptionIsFound() {
        var wrong = check("127.0.0.1:0", "--model", "dense(-3)");
        assertThat(wrong.exitCode()).isEqualTo(ExitCode.USAGE.number());
        assertThat(temporary).isEmptyDirectory();
    }

    @Test
    void anAddressInUseIsFound() throws IOException {
        try (var taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            var wrong = check("127.0.0.1:" + taken.getLocalPort());
            assertThat(wrong.exitCode()).isEqualTo(ExitCode.ADDRESS.number());
            assertThat(wrong.err()).contains("cannot listen on 127.0.0.1:");
        }
    }

    @Test
    void aFolderThatCannotBeMadeIsFound() throws IOException {
        var file = Files.writeString(temporary.resolve("file"), "");
        var wrong = check("127.0.0.1:0", "--out", file.resolve("run").toString());
        assertThat(wrong.exitCode()).isEqualTo(ExitCode.OUTPUT.number());
        assertThat(wrong.err()).contains("no folder that can be written");
    }

    @Test
    void aRunThatIsOverIsFoundBeforeItsHostsArePrepared() {
        var run = temporary.resolve("over").toString();
        assertThat(Cli.run("train", "--steps", "2", "--out", run).exitCode()).isZero();
        var wrong = Cli.run("resume", run, "--check", "--listen", "127.0.0.1:0");
        assertThat(wrong.exitCode()).isEqualTo(ExitCode.NOT_RESUMABLE.number());
    }

    @Test
    void aNameThatWouldSpoilALineIsRefused() {
        for (var name :
                List.of("", "two words", "line\nbreak", "escape\u001b[2J", "x".repeat(129))) {
            var wrong = Cli.run("worker", "--coordinator", "127.0.0.1:1", "--name", name);
            assertThat(wrong.exitCode()).as(name).isEqualTo(ExitCode.USAGE.number());
            assertThat(wrong.err()).contains("--name must be");
        }
    }

    private Cli check(String address, String... more) {
        var arguments = new ArrayList<>(List.of("coordinator", "--check", "--listen", address));
        if (!List.of(more).contains("--out")) {
            arguments.addAll(List.of("--out", temporary.resolve("run").toString()));
        }
        arguments.addAll(List.of(more));
        return Cli.run(arguments.toArray(String[]::new));
    }
}
