package dev.tutti.deploy.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tutti.coordinator.checkpoint.Safekeeping;
import dev.tutti.deploy.cli.ExitCode;
import dev.tutti.deploy.cli.UserException;
import dev.tutti.deploy.option.DataName;
import dev.tutti.deploy.support.Cli;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every run gets a folder of its own, with a sane name, on a disk that can take it. */
class RunDirectoryTest {
    private static final Safekeeping KEEPING =
            new Safekeeping(Optional.empty(), Duration.ZERO, "seed=1");

    @TempDir private Path temporary;

    @Test
    void runsThatBeginInOneSecondHaveFoldersOfTheirOwn() throws Exception {
        var wanted = temporary.resolve("runs").resolve("digits-20261122-101500");
        var claims = new ArrayList<Callable<RunDirectory>>();
        for (var i = 0; i < 8; i++) {
            claims.add(() -> RunDirectory.claim(wanted, false, KEEPING));
        }
        var places = new TreeSet<String>();
        try (var threads = Executors.newFixedThreadPool(claims.size())) {
            for (var claimed : threads.invokeAll(claims)) {
                places.add(claimed.get().path().getFileName().toString());
                claimed.get().close();
            }
        }
        assertThat(places)
                .hasSize(8)
                .contains("digits-20261122-101500", "digits-20261122-101500-8");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            ignoreLeadingAndTrailingWhitespace = false,
            value = {
                "digits|digits",
                "data/flowers.csv|flowers",
                "my flowers (2).csv|my-flowers-2",
                "übung é.csv|ubung-e",
                "日本.csv|data",
                "-rf.csv|rf",
                ".hidden.csv|hidden",
                "a.b.c.csv|a",
                "..|data",
                "../..|data",
                "/|data",
                "images/|images",
                "C:\\data\\flowers.csv|flowers",
                "synthetic(256,1x28x28,10)|synthetic",
                "a\u0000b.csv|a-b"
            })
    void folderNamesSayWhatTheDataIsInPlainCharacters(String data, String name) {
        assertThat(DataName.forFolder(data)).isEqualTo(name);
        assertThat(RunDirectory.choose(Optional.empty(), data).toString())
                .matches("runs/" + name + "-[0-9]{8}-[0-9]{6}");
    }

    @Test
    void aLineBreakInTheDatasNameIsNoneInTheFoldersName() {
        assertThat(DataName.forFolder("a\nb.csv")).isEqualTo("a-b");
    }

    @Test
    void longNamesAreCut() {
        assertThat(DataName.forFolder("x".repeat(300) + ".csv")).isEqualTo("x".repeat(60));
    }

    @Test
    void aFolderThatCannotBeMadeIsReplacedByOneThatTheUserNamed() throws IOException {
        var blocked = Files.writeString(temporary.resolve("file"), "").resolve("run");
        var rescue = temporary.resolve("rescue");
        var keeping = new Safekeeping(Optional.of(rescue), Duration.ZERO, "seed=1");

        try (var place = RunDirectory.claim(blocked, true, keeping)) {
            assertThat(place.path()).isEqualTo(rescue.resolve("run"));
            assertThat(place.path().resolve("run.conf")).hasContent("seed=1");
        }
        assertThatThrownBy(() -> RunDirectory.claim(blocked, true, KEEPING))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("cannot write to " + blocked)
                .hasMessageContaining("--rescue");
    }

    @Test
    void resultsThatTheFolderCannotTakeGoToTheOneThatTheUserNamed() throws IOException {
        var run = temporary.resolve("run");
        Files.createDirectories(run.resolve("model.safetensors").resolve("in the way"));
        var rescue = temporary.resolve("rescue");

        var lost = train(run, "--disk-wait", "0", "--checkpoint-every", "never");
        assertThat(lost.exitCode()).isEqualTo(ExitCode.OUTPUT.number());
        assertThat(lost.err()).contains("no checkpoint is on the disk either");

        Files.delete(run.resolve("steps.jsonl"));
        var trained = train(run, "--rescue", rescue.toString());
        assertThat(trained.exitCode()).as(trained.err()).isZero();
        assertThat(trained.err()).contains("written to " + rescue.resolve("run") + " instead");
        assertThat(trained.lastLine()).isEqualTo("run       " + rescue.resolve("run"));
        var evaluated = Cli.run("evaluate", "--model-dir", rescue.resolve("run").toString());
        assertThat(evaluated.exitCode()).as(evaluated.err()).isZero();
    }

    private static Cli train(Path run, String... more) {
        var arguments = new ArrayList<String>();
        arguments.add("train");
        arguments.addAll(List.of("--model", "dense", "--steps", "3", "--workers", "1"));
        arguments.addAll(List.of("--out", run.toString()));
        arguments.addAll(List.of(more));
        return Cli.run(arguments.toArray(String[]::new));
    }
}
