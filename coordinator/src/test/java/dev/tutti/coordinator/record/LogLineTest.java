package dev.tutti.coordinator.record;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The lines that a run's readers rely on, to the letter. */
class LogLineTest {
    private static final LogLine.Millis MILLIS = new LogLine.Millis(4.5, 3.25, 2, 1.25);

    @Test
    void aStepNamesWhoComputedWhat() {
        var first = new LogLine.Contributor(0, 0, 2, 0, 16, 1.5);
        var second = new LogLine.Contributor(3, 2, 4, 1, 16, 2);
        var line = step(0.5, List.of(first, second), "ab\"c");
        assertThat(line.toJson())
                .isEqualTo(
                        "{\"step\":7,\"epoch\":1,\"loss\":0.5,\"samples\":32,\"rate\":0.001,"
                                + "\"millis\":{\"total\":4.5,\"collect\":3.25,\"compute\":2.0,"
                                + "\"apply\":1.25},\"hiddenTransfer\":0.25,\"contributions\":["
                                + "{\"worker\":0,\"shards\":[0,2],\"attempt\":0,\"samples\":16,"
                                + "\"computeMillis\":1.5},"
                                + "{\"worker\":3,\"shards\":[2,4],\"attempt\":1,\"samples\":16,"
                                + "\"computeMillis\":2.0}],\"digest\":\"ab\\\"c\"}");
    }

    @Test
    void whatIsNotThereIsNull() {
        assertThat(step(1e-9, List.of(), null).toJson())
                .contains("\"loss\":1.0E-9,", "\"contributions\":[],\"digest\":null}");
        assertThat(new LogLine.Epoch(0, 12, 0.25, null, null, "d").toJson())
                .isEqualTo(
                        "{\"epoch\":0,\"step\":12,\"trainLoss\":0.25,\"validationLoss\":null,"
                                + "\"validationAccuracy\":null,\"digest\":\"d\"}");
    }

    /** JSON has no such numbers; a line that holds one is JSON nevertheless. */
    @Test
    void aLossThatIsNoNumberIsText() {
        assertThat(step(Double.NaN, List.of(), null).toJson()).contains("\"loss\":\"NaN\",");
    }

    private static LogLine.Step step(
            double loss, List<LogLine.Contributor> contributions, @Nullable String digest) {
        return new LogLine.Step(7, 1, loss, 32, 1e-3, MILLIS, 0.25, contributions, digest);
    }
}
