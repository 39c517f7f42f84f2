package dev.tutti.common.step.compute;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.common.nn.loss.Loss;
import dev.tutti.common.nn.loss.Losses;
import dev.tutti.common.vector.Floats;
import java.lang.foreign.Arena;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AccuracyTest {
    private final Arena arena = Arena.ofAuto();

    @ParameterizedTest
    @CsvSource({
        // A logit says class 1 from a probability of one half on, which is the logit 0.
        "binary-cross-entropy, 0.2, 1",
        "binary-cross-entropy, -0.2, 0",
        "quadratic, 0.2, 0",
        "quadratic, 0.6, 1",
        "mse, 0.4, 0"
    })
    void aLoneOutputSaysAClassByTheLossesThreshold(String loss, float output, int expected) {
        assertThat(predicted(Losses.CATALOGUE.parse(loss), 1, output)).isEqualTo(expected);
    }

    @Test
    void ofSeveralOutputsTheFirstLargestSaysTheClass() {
        var loss = Losses.CATALOGUE.parse("softmax-cross-entropy");
        assertThat(predicted(loss, 4, -3, 2, 2, 1)).isEqualTo(1);
    }

    private int predicted(Loss loss, int width, float... outputs) {
        return Accuracy.predicted(loss, Floats.of(arena, outputs), 0, width);
    }
}
