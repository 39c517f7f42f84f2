package dev.tutti.deploy.bench;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tutti.deploy.bench.measure.AverageComparison;
import dev.tutti.deploy.bench.measure.Net;
import dev.tutti.deploy.bench.measure.StepProfile;
import dev.tutti.deploy.bench.measure.TrainComparison;
import dev.tutti.deploy.support.Cli;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the measurements beside peers print, of given figures. */
class BenchTest {
    private static final Net NET = new Net(List.of(512, 512), 256);

    @Test
    void aRowOfTrainingsHasBothSidesAndTheirRatio() {
        var result =
                new TrainComparison.Result(
                        NET,
                        List.of(3000.0, 1000.0, 2000.0),
                        List.of(new StepProfile(3, 1, 2), new StepProfile(5, 1, 4)),
                        List.of(
                                new TrainComparison.PeerResult(
                                        "1 × 1 thread", List.of(10.0, 10.0, 10.0)),
                                new TrainComparison.PeerResult(
                                        "1 × 2 threads", List.of(1000.0, 1000.0, 1000.0))));
        assertThat(words(TrainBench.row(TrainBench.Line.of(result))))
                .isEqualTo(
                        "784-512-512-10 256 2,000 (1,000…3,000) 1 × 2 threads 1,000 (1,000…1,000) 2.00 (1.00…3.00)");
        assertThat(words(TrainBench.profileRow(TrainBench.Line.of(result))))
                .isEqualTo("784-512-512-10 256 4.00 1.00 3.00 8.00");
    }

    @Test
    void aRowWithoutAPeerHasNoRatio() throws IOException {
        var line =
                TrainBench.Line.of(
                        new TrainComparison.Result(
                                NET, List.of(5.0), List.of(new StepProfile(1, 1, 1)), List.of()));
        assertThat(words(TrainBench.row(line))).isEqualTo("784-512-512-10 256 5 (5…5) - -");
        var json = new ObjectMapper().valueToTree(line);
        assertThat(json.at("/tutti/median").asDouble()).isEqualTo(5);
        assertThat(json.at("/ratio").isNull()).isTrue();
    }

    @Test
    void aRowOfAveragesIsFasterThanOneWhereGlooTakesLonger() {
        var result =
                new AverageComparison.Result(
                        1000, 2, List.of(10.0, 20.0), List.of(40.0, 40.0), List.of(3.2e9, 1.6e9));
        assertThat(words(AverageBench.row(AverageBench.Line.of(result))))
                .isEqualTo("1,000 15 (10…20) 40 (40…40) 3.00 (2.00…4.00) 1.200 0.50 (0.50…0.50)");
    }

    @Test
    void aRowOfAveragesAloneHasItsBytes() {
        var result = new AverageComparison.Result(1000, 2, List.of(10.0), List.of(), List.of());
        assertThat(words(AverageBench.row(AverageBench.Line.of(result))))
                .isEqualTo("1,000 10 (10…10) - - 1.600");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "train --nets 12 | 1 | cannot read \"12\"",
                "train --nets 8@3 | 2 | a batch of 3 is not shared evenly by 2 workers",
                "train --seconds 0 | 2 | --seconds must be above 0",
                "train --processes -1 | 2 | --processes must be at least 0",
                "average --sizes 0 | 2 | --sizes must be at least 1",
                "average --processes 0 | 2 | --processes must be at least 1",
                "train | 1 | is in no distribution",
                "average | 1 | is in no distribution"
            })
    void whatCannotBeIsOneLine(String command, int exitCode, String line) {
        var run = Cli.run(("bench " + command).split(" "));
        assertThat(run.exitCode()).as(run.err()).isEqualTo(exitCode);
        assertThat(run.err()).contains(line).hasLineCount(1);
    }

    private static String words(String row) {
        return row.strip().replaceAll("\\s+", " ");
    }
}
