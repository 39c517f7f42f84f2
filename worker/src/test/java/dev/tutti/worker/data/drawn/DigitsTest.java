package dev.tutti.worker.data.drawn;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.common.data.Targets;
import dev.tutti.common.vector.Floats;
import dev.tutti.common.vector.Shape;
import dev.tutti.worker.data.source.DataOptions;
import java.lang.foreign.Arena;
import org.junit.jupiter.api.Test;

class DigitsTest {
    @Test
    void theDigitsAreThoseOfTheRepository() {
        try (var arena = Arena.ofConfined()) {
            var digits = new Digits().open(DataOptions.of("digits", Targets.Kind.LABELS), arena);
            assertThat(digits.count()).isEqualTo(1797);
            assertThat(digits.sample()).isEqualTo(Shape.of(1, 8, 8));
            assertThat(digits.outputs()).isEqualTo(10);
            var classes = new int[10];
            for (var label : digits.targets().bytes().toArray(JAVA_INT)) {
                classes[label]++;
            }
            // As counted on the repository's page for its test part.
            assertThat(classes).containsExactly(178, 182, 177, 183, 181, 182, 181, 179, 174, 180);
            var values = Floats.toArray(digits.features().bytes());
            assertThat(values)
                    .startsWith(0f, 0f, 5 / 16f, 13 / 16f, 9 / 16f, 1 / 16f, 0f, 0f)
                    .doesNotContain(Float.NaN);
            var min = 1f;
            var max = 0f;
            for (var value : values) {
                min = Math.min(min, value);
                max = Math.max(max, value);
            }
            assertThat(min).isZero();
            assertThat(max).isEqualTo(1f);
        }
    }
}
