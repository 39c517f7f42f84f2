package dev.tutti.deploy.bench.measure;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tutti.deploy.bench.peer.BenchException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AverageRunTest {
    private static final String BY_ONE = "{\"contributions\":[{\"worker\":1,\"shards\":[0,2]}]}";
    private static final String BY_BOTH =
            "{\"contributions\":[{\"worker\":0,\"shards\":[0,1]},{\"worker\":1,\"shards\":[1,2]}]}";

    @TempDir private Path folder;

    @Test
    void roundsOfAllProcessesAreAnAverage() throws IOException {
        var log = log(1, 200);
        assertThatCode(() -> AverageRun.requireWholeRounds(log, watched(0, 201), 2))
                .doesNotThrowAnyException();
    }

    @Test
    void roundsThatOneProcessHadForItselfAreNoMeasurement() throws IOException {
        var log = log(3, 200);
        assertThatThrownBy(() -> AverageRun.requireWholeRounds(log, watched(0, 203), 2))
                .isInstanceOf(BenchException.class)
                .hasMessageContaining("each of 2 processes in 200 of 203 rounds, expected in 99%");
    }

    @Test
    void onlyTheRoundsThatWereWatchedCount() throws IOException {
        var log = log(3, 200);
        assertThatCode(() -> AverageRun.requireWholeRounds(log, watched(3, 150), 2))
                .doesNotThrowAnyException();
    }

    private static StepRate watched(long first, long steps) {
        return new StepRate(first, steps, 1);
    }

    private Path log(int byOne, int byBoth) throws IOException {
        var lines = new ArrayList<String>();
        for (var i = 0; i < byOne; i++) {
            lines.add(BY_ONE);
        }
        for (var i = 0; i < byBoth; i++) {
            lines.add(BY_BOTH);
        }
        return Files.write(folder.resolve("steps.jsonl"), List.copyOf(lines));
    }
}
