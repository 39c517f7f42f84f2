package dev.tutti.deploy.bench.peer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tutti.deploy.bench.measure.AverageComparison;
import dev.tutti.deploy.bench.measure.TrainComparison;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the peers' scripts and iperf3 print. */
class PeerLinesTest {
    @Test
    void lastLineOfAPeerIsRead() {
        var printed =
                """
                [W socket.cpp] something of the library's own
                {"samplesPerSecond": 2760.5, "steps": 43, "seconds": 3.99, "loss": 0.5}
                """;
        assertThat(TrainComparison.samplesPerSecond(printed)).isEqualTo(2760.5);
        assertThat(AverageComparison.micros("{\"micros\": 22000.0, \"rounds\": 140}\n"))
                .isEqualTo(22_000);
    }

    @Test
    void bitsOfIperf3AreBytes() {
        var printed = "{\n\t\"end\": {\"sum_received\": {\"bits_per_second\": 1.6e10}}\n}\n";
        assertThat(Loopback.bytesPerSecond(printed)).isEqualTo(2e9);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "Killed",
                "[1]",
                "{\"samplesPerSecond\": 0}",
                "{\"samplesPerSecond\": \"12\"}",
                "{\"micros\": 3}"
            })
    void anythingElseIsSaidInOneLine(String printed) {
        assertThatThrownBy(() -> TrainComparison.samplesPerSecond(printed))
                .isInstanceOf(BenchException.class)
                .hasMessageStartingWith("pytorch_ddp.py ")
                .hasMessageContaining("expected");
    }

    @Test
    void pythonsAnswerIsRead() {
        var printed =
                "{\"python\": \"3.11.2\", \"torch\": \"1.13.0\", \"blas\": [\"/usr/lib/libblas.so.3\"]}";
        assertThat(Torch.parse(Path.of("python3"), printed))
                .isEqualTo(
                        new Torch(
                                Path.of("python3"),
                                "3.11.2",
                                "1.13.0",
                                List.of("/usr/lib/libblas.so.3")));
    }
}
