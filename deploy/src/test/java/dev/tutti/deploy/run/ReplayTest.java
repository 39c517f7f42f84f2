package dev.tutti.deploy.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.deploy.cli.ExitCode;
import dev.tutti.deploy.support.Cli;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A run in which the order of arrival decides can be computed again, by any number of workers. */
class ReplayTest {
    @TempDir private Path folder;

    @Test
    void aReplayHasTheWeightsOfTheRunAndADamagedOrderIsRefused() throws IOException {
        var run = folder.resolve("run");
        var trained =
                Cli.run(
                        "train",
                        "--shards",
                        "4",
                        "--steps",
                        "40",
                        "--optimizer",
                        "sgd(0.05)",
                        "--sync",
                        "asynchronous",
                        "--clock",
                        "real",
                        "--workers",
                        "2",
                        "--processes",
                        "2",
                        "--out",
                        run.toString());
        assertThat(trained.exitCode()).as(trained.err()).isZero();

        var again = replay(run, "again");
        assertThat(again.exitCode()).as(again.err()).isZero();
        assertThat(again.err()).contains("the weights are those of " + run);

        var order = run.resolve("order.jsonl");
        var lines = Files.readString(order);
        Files.writeString(order, lines.replace("\"step\":20,", "\"step\":21,"));
        assertRefused(replay(run, "damaged"), "order.jsonl is damaged at line 21");

        Files.writeString(order, lines.replace("\"batch\":\"", "\"batch\":\"9"));
        assertRefused(replay(run, "other"), "order.jsonl is of another run: batch was 9");
    }

    private Cli replay(Path run, String out) {
        return Cli.run(
                "replay",
                run.toString(),
                "--workers",
                "1",
                "--out",
                folder.resolve(out).toString());
    }

    private static void assertRefused(Cli refused, String why) {
        assertThat(refused.exitCode()).isEqualTo(ExitCode.NOT_RESUMABLE.number());
        assertThat(refused.err()).contains(why);
    }
}
