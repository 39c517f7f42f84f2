package dev.tutti.worker.data.drawn;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.tutti.common.data.DataException;
import dev.tutti.common.data.Dataset;
import dev.tutti.common.vector.Floats;
import dev.tutti.common.vector.Shape;
import dev.tutti.worker.data.source.DataOptions;
import dev.tutti.worker.data.source.TargetKind;
import java.lang.foreign.Arena;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DrawnTest {
    private static final int SAMPLES = 6000;

    private final Arena arena = Arena.ofAuto();

    @Test
    void aBlobHasDeviationOneAroundACentreWithinTen() {
        var dataset = open("blobs(%d,2,3)".formatted(SAMPLES));
        assertThat(dataset.sample()).isEqualTo(Shape.of(2));
        assertThat(dataset.featureNames()).containsExactly("x1", "x2");
        assertThat(dataset.targets().names()).containsExactly("0", "1", "2");
        var values = Floats.toArray(dataset.features().bytes());
        for (var label = 0; label < 3; label++) {
            for (var i = 0; i < 2; i++) {
                var sum = 0.0;
                var squares = 0.0;
                var count = SAMPLES / 3;
                for (var row = label; row < SAMPLES; row += 3) {
                    var x = values[2 * row + i];
                    sum += x;
                    squares += x * x;
                }
                var mean = sum / count;
                assertThat(Math.abs(mean)).isBetween(0.0, 10.1);
                // A variance's deviation is √(2/n), here 0.03.
                assertThat(squares / count - mean * mean).isCloseTo(1, within(0.15));
            }
        }
    }

    @Test
    void anArmGoesOutwardsAndTurnsByFour() {
        var dataset = open("spirals(300,3)");
        var values = Floats.toArray(dataset.features().bytes());
        var labels = dataset.targets().bytes().toArray(JAVA_INT);
        for (var row = 0; row < 300; row++) {
            var place = row / 3;
            var radius = place / 100.0;
            var x = values[2 * row];
            var y = values[2 * row + 1];
            assertThat(labels[row]).isEqualTo(row % 3);
            assertThat(Math.hypot(x, y)).isCloseTo(radius, within(1e-6));
            if (radius > 0) {
                var angle = 2 * Math.PI * (row % 3) / 3 + 4 * radius;
                var noise = Math.IEEEremainder(Math.atan2(x, y) - angle, 2 * Math.PI);
                // Five deviations.
                assertThat(noise).isCloseTo(0, within(1.0));
            }
        }
    }

    @Test
    void theTargetOfARegressionIsLinearWithASmallNoise() {
        var dataset = open("regression(%d,1)".formatted(SAMPLES));
        assertThat(dataset.labelled()).isFalse();
        var x = Floats.toArray(dataset.features().bytes());
        var y = Floats.toArray(dataset.targets().bytes());
        var products = 0.0;
        var squares = 0.0;
        for (var row = 0; row < SAMPLES; row++) {
            products += x[row] * y[row];
            squares += x[row] * x[row];
        }
        var slope = products / squares;
        assertThat(slope).isBetween(0.0, 1.0);
        var rest = 0.0;
        for (var row = 0; row < SAMPLES; row++) {
            rest += Math.pow(y[row] - slope * x[row], 2);
        }
        assertThat(Math.sqrt(rest / SAMPLES)).isCloseTo(0.1, within(0.01));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "blobs(300)",
                "blobs(0,2,3)",
                "blobs(300,2,3",
                "spirals(300,2,3)",
                "regression(300)",
                "regression(99999999,99999999)",
                "regression(-3,2)"
            })
    void aTextThatSaysSomethingElseIsRefused(String text) {
        assertThatThrownBy(() -> open(text))
                .isInstanceOf(DataException.class)
                .hasMessageStartingWith("cannot read \"" + text + "\"; expected ")
                .hasMessageContaining("(SAMPLES,");
    }

    private Dataset open(String text) {
        return new Drawn().open(DataOptions.of(text, TargetKind.BY_VALUES), arena);
    }
}
