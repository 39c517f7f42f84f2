package dev.tutti.deploy.bench.measure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.tutti.deploy.bench.peer.BenchException;
import dev.tutti.deploy.bench.peer.Distribution;
import dev.tutti.deploy.bench.peer.Programs;
import dev.tutti.deploy.bench.peer.Torch;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The course of a comparison, with scripts in place of both programs. */
class TrainComparisonTest {
    private static final Net NET = new Net(List.of(4), 8);

    /** Takes steps until it is ended, though not for ever. */
    private static final String TRAINING =
            """
            echo tutti >>"%s"
            while [ "$1" != --out ]; do shift; done
            mkdir -p "$2"
            i=0
            while [ $i -lt 1000000 ]; do
              i=$((i + 1))
              echo '{"millis": {"total": 6, "collect": 5, "compute": 3, "apply": 1}}' >>"$2/steps.jsonl"
            done
            """;

    @TempDir private Path folder;

    @Test
    void bothAreMeasuredInTurn() throws IOException {
        Programs.write(folder.resolve("bin/tutti"), TRAINING.formatted(log()));
        var python = peer("echo '{\"samplesPerSecond\": 5}'");
        var result = comparison(Optional.of(python), 2).measure(NET);
        assertThat(Files.readAllLines(log())).containsExactly("tutti", "peer", "tutti", "peer");
        assertThat(result.tutti()).hasSize(2).allMatch(rate -> rate > 0);
        assertThat(result.profiles()).hasSize(2);
        for (var pair = 0; pair < 2; pair++) {
            var profile = result.profiles().get(pair);
            assertThat(profile.compute()).isCloseTo(3, within(1e-6));
            assertThat(profile.apply()).isCloseTo(1, within(1e-6));
            // All of a step's time, as the rate has it.
            assertThat(profile.total() * result.tutti().get(pair))
                    .isCloseTo(NET.batch() * 1e3, within(1e-3));
        }
        var best = result.best().orElseThrow();
        assertThat(best.peer()).isEqualTo("2 × 1 thread");
        assertThat(best.pairs().theirs()).containsExactly(5.0, 5.0);
    }

    @Test
    void withinOneProcessThePeersBetterThreadsCount() throws IOException {
        Programs.write(folder.resolve("bin/tutti"), TRAINING.formatted(log()));
        var python = peer("echo \"{\\\"samplesPerSecond\\\": $OPENBLAS_NUM_THREADS}\"");
        var best = comparison(Optional.of(python), 0).measure(NET).best().orElseThrow();
        assertThat(best.peer()).isEqualTo("1 × 2 threads");
        assertThat(best.pairs().theirs()).containsExactly(2.0, 2.0);
    }

    @Test
    void withoutAPeerTuttiIsMeasuredAlone() throws IOException {
        Programs.write(folder.resolve("bin/tutti"), TRAINING.formatted(log()));
        var result = comparison(Optional.empty(), 2).measure(NET);
        assertThat(result.tutti()).hasSize(2);
        assertThat(result.best()).isEmpty();
    }

    @Test
    void aRunThatFailsIsNamedWithItsLastLine() throws IOException {
        Programs.write(folder.resolve("bin/tutti"), "echo 'tutti: no such layer' >&2; exit 2");
        assertThatThrownBy(() -> comparison(Optional.empty(), 2).measure(NET))
                .isInstanceOf(BenchException.class)
                .hasMessage("tutti train ended with exit code 2: tutti: no such layer");
    }

    @Test
    void aPeerThatFailsIsNamedWithItsLastLine() throws IOException {
        Programs.write(folder.resolve("bin/tutti"), TRAINING.formatted(log()));
        var python = peer("echo 'RuntimeError: out of memory' >&2; exit 1");
        assertThatThrownBy(() -> comparison(Optional.of(python), 2).measure(NET))
                .isInstanceOf(BenchException.class)
                .hasMessage("pytorch_ddp.py ended with exit code 1: RuntimeError: out of memory");
    }

    @Test
    void aPeerThatFailsOnceIsRunAgain() throws IOException {
        Programs.write(folder.resolve("bin/tutti"), TRAINING.formatted(log()));
        var python =
                peer(
                        """
                        [ "$(grep -c peer "%s")" -gt 1 ] || exit 134
                        echo '{"samplesPerSecond": 5}'\
                        """
                                .formatted(log()));
        var best = comparison(Optional.of(python), 2).measure(NET).best().orElseThrow();
        assertThat(best.pairs().theirs()).containsExactly(5.0, 5.0);
        assertThat(Files.readAllLines(log()))
                .containsExactly("tutti", "peer", "peer", "tutti", "peer");
    }

    @Test
    void anOptionOfTheUserReplacesTheBenchs() {
        var options =
                new TrainComparison(
                                new Distribution(folder),
                                Optional.empty(),
                                2,
                                2,
                                Optional.empty(),
                                1,
                                0,
                                1,
                                List.of("--shards", "8", "--precision", "bf16"))
                        .options(NET, Path.of("run"));
        assertThat(options)
                .containsOnlyOnce("--shards")
                .endsWith("--shards", "8", "--precision", "bf16");
        assertThat(options).containsSequence("--batch", "8").containsSequence("--processes", "2");
    }

    private Path log() {
        return folder.resolve("log");
    }

    private Path peer(String script) throws IOException {
        return Programs.write(
                folder.resolve("python3"), "echo peer >>\"%s\"%n%s".formatted(log(), script));
    }

    private TrainComparison comparison(Optional<Path> python, int processes) {
        return new TrainComparison(
                new Distribution(folder),
                python.map(file -> new Torch(file, "3", "1.13", List.of("libopenblas.so"))),
                processes,
                2,
                Optional.empty(),
                2,
                0,
                0.01,
                List.of());
    }
}
