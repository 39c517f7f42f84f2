package dev.tutti.common.coding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tutti.common.data.Standardization;
import dev.tutti.common.random.Seeds;
import dev.tutti.common.vector.Floats;
import java.lang.foreign.Arena;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class RowEncoderTest {
    private static final ColumnCoding NUMBERS =
            new ColumnCoding.Numbers("n", OptionalDouble.of(2.5));
    private static final ColumnCoding WORDS =
            new ColumnCoding.OneHot("w", List.of("", "a", "b"), OptionalInt.of(0));
    private static final ColumnCoding INDEX =
            new ColumnCoding.Index("i", List.of("x", "y"), OptionalInt.of(1));

    private final Arena arena = Arena.ofConfined();

    @AfterEach
    void close() {
        arena.close();
    }

    @Test
    void eachColumnBecomesItsFeaturesInTheirOrder() {
        var coding = new FeatureCoding(List.of(WORDS, NUMBERS, INDEX), Optional.empty());
        assertThat(coding.width()).isEqualTo(5);
        assertThat(coding.featureNames()).containsExactly("w=", "w=a", "w=b", "n", "i");
        assertThat(coding.columnNames()).containsExactly("w", "n", "i");
        assertThat(encode(coding, 2, 7, 0)).containsExactly(0, 0, 1, 7, 0);
        assertThat(encode(coding, ColumnCoding.UNSEEN, -7, 1)).containsExactly(0, 0, 0, -7, 1);
    }

    @Test
    void somethingTakesThePlaceOfAMissingValue() {
        var coding = new FeatureCoding(List.of(WORDS, NUMBERS, INDEX), Optional.empty());
        assertThat(encode(coding, Double.NaN, Double.NaN, Double.NaN))
                .containsExactly(1, 0, 0, 2.5f, 1);
    }

    @Test
    void aNumberIsStandardisedBeforeItIsRounded() {
        var seed = 3L;
        var random = Seeds.of(seed, "row-encoder-test");
        var coding =
                new FeatureCoding(
                        List.of(NUMBERS),
                        Optional.of(new Standardization(List.of(1.7e12), List.of(3.0))));
        for (var i = 0; i < 100; i++) {
            var offset = random.nextInt(1000);
            assertThat(encode(coding, 1.7e12 + offset))
                    .as("seed %d", seed)
                    .containsExactly((float) (offset / 3.0));
        }
    }

    @Test
    void onlyNumbersThatNeverMissAreAPlainCoding() {
        var numbers = new ColumnCoding.Numbers("n", OptionalDouble.empty());
        assertThat(new FeatureCoding(List.of(numbers), Optional.empty()).isPlain()).isTrue();
        assertThat(new FeatureCoding(List.of(NUMBERS), Optional.empty()).isPlain()).isFalse();
        assertThat(new FeatureCoding(List.of(numbers, WORDS), Optional.empty()).isPlain())
                .isFalse();
    }

    @Test
    void aStandardisationOfAnotherWidthIsRefused() {
        var one = Optional.of(new Standardization(List.of(0.0), List.of(1.0)));
        assertThatThrownBy(() -> new FeatureCoding(List.of(WORDS), one))
                .hasMessage(
                        "a standardisation of 1 features does not fit the 3 that the columns become");
    }

    private float[] encode(FeatureCoding coding, double... cells) {
        var out = Floats.allocate(arena, 1 + coding.width());
        new RowEncoder(coding).encode(cells, 1, out);
        return Floats.toArray(Floats.slice(out, 1, coding.width()));
    }
}
