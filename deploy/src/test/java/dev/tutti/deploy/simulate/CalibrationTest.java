package dev.tutti.deploy.simulate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a run's lines say about its times. */
class CalibrationTest {
    @Test
    void mediansOverStepsBehindTheFirstTenthCount() throws JsonProcessingException {
        var lines = new ArrayList<JsonNode>();
        for (var step = 1; step <= 20; step++) {
            lines.add(
                    line(
                            """
                            {"step":%d,"millis":{"total":%d.0},"contributions":[
                              {"worker":0,"samples":10,"computeMillis":2.0},
                              {"worker":1,"samples":10,"computeMillis":4.0}]}
                            """
                                    .formatted(step, step <= 2 ? 500 : 10)));
        }
        var found = Calibration.of(lines).orElseThrow();
        assertThat(found.steps()).isEqualTo(18);
        assertThat(found.contributors()).isEqualTo(2);
        assertThat(found.nanosPerSample()).isCloseTo(3e5, within(1e-6));
        // 10 ms without the 4 of the longest computation, over two vectors of 1,000 floats.
        assertThat(found.intakeNanosPerFloat(1_000)).isCloseTo(3_000, within(1e-6));
    }

    @Test
    void aRunWithoutTimingsHasNone() throws JsonProcessingException {
        assertThat(Calibration.of(List.of())).isEmpty();
        assertThat(Calibration.of(List.of(line("{\"step\":1,\"loss\":1.0}")))).isEmpty();
    }

    private static JsonNode line(String text) throws JsonProcessingException {
        return new ObjectMapper().readTree(text);
    }
}
