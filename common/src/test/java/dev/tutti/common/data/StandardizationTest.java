package dev.tutti.common.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.tutti.common.random.Seeds;
import dev.tutti.common.vector.Floats;
import dev.tutti.common.vector.Shape;
import java.lang.foreign.Arena;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class StandardizationTest {
    private final Arena arena = Arena.ofConfined();

    @AfterEach
    void close() {
        arena.close();
    }

    @Test
    void meansAndDeviationsAreThoseOfTheTrainingRowsAlone() {
        var dataset = dataset(2, 2, 10, 4, 20, 6, 30, 1000, -1000);
        var measured = Standardization.of(dataset, new int[] {0, 1, 2});
        assertThat(measured.means()).containsExactly(4.0, 20.0);
        assertThat(measured.deviations().get(0)).isEqualTo(Math.sqrt(8 / 3.0));
        assertThat(measured.deviations().get(1)).isEqualTo(Math.sqrt(200 / 3.0));
    }

    @Test
    void theTrainingRowsEndWithMean0AndDeviation1() {
        var seed = 7L;
        var random = Seeds.of(seed, "standardization-test");
        var values = new float[5 * 400];
        for (var i = 0; i < values.length; i++) {
            values[i] = (float) (100 * (i % 5) + (1 + i % 5) * random.nextGaussian());
        }
        var dataset = dataset(5, values);
        var train = IntStream.range(0, 400).filter(row -> row % 4 > 0).toArray();
        var standardized = Standardization.of(dataset, train).apply(dataset, arena);
        var again = Standardization.of(standardized, train);
        for (var column = 0; column < 5; column++) {
            assertThat(again.means().get(column)).as("seed %d", seed).isCloseTo(0, within(1e-5));
            assertThat(again.deviations().get(column))
                    .as("seed %d", seed)
                    .isCloseTo(1, within(1e-5));
        }
    }

    @Test
    void aFeatureThatNeverChangesBecomesZero() {
        // 0.1f has no exact mean in binary; the rounded one must not turn into a deviation.
        var values = new float[1001];
        Arrays.fill(values, 0.1f);
        var dataset = dataset(1, values);
        var measured = Standardization.of(dataset, IntStream.range(0, 1001).toArray());
        assertThat(measured.deviations()).containsExactly(1.0);
        var features = measured.apply(dataset, arena).features().bytes();
        assertThat(Floats.toArray(features)).containsOnly(0f);
    }

    @Test
    void valuesWhoseSquaresAreBeyondAFloatAreStandardised() {
        var dataset = dataset(2, 1e30f, 3e38f, 3e30f, -3e38f);
        var measured = Standardization.of(dataset, new int[] {0, 1});
        var features = measured.apply(dataset, arena).features().bytes();
        assertThat(Floats.toArray(features)).containsExactly(-1f, 1f, 1f, -1f);
    }

    @Test
    void bytesAreStandardisedAsTheFractionsTheyStandFor() {
        var images = Samples.images(arena);
        var measured = Standardization.of(images, new int[] {0, 1});
        assertThat(measured.means().get(5)).isCloseTo((1 + 4 / 255.0) / 2, within(1e-7));
        var standardized = measured.apply(images, arena);
        assertThat(Floats.get(standardized.features().bytes(), 5)).isCloseTo(1f, within(1e-6f));
        assertThat(Floats.get(standardized.features().bytes(), 11)).isCloseTo(-1f, within(1e-6f));
        assertThat(standardized.targets()).isEqualTo(images.targets());
    }

    @Test
    void aDatasetOfAnotherWidthIsRefused() {
        var measured = Standardization.of(dataset(1, 1, 2, 3), new int[] {0, 1});
        assertThatThrownBy(() -> measured.apply(dataset(2, 1, 2), arena))
                .isInstanceOf(DataException.class)
                .hasMessage("dataset d: its samples have 2 elements, the standardisation is for 1");
    }

    @Test
    void deviationsThatCannotBeDividedByAreRefused() {
        for (var wrong : new double[] {0, -1, Double.NaN, Double.POSITIVE_INFINITY}) {
            assertThatThrownBy(() -> new Standardization(List.of(0.0), List.of(wrong)))
                    .hasMessage("a deviation must be above 0 and finite, was " + wrong);
        }
        assertThatThrownBy(() -> new Standardization(List.of(0.0), List.of()))
                .hasMessageContaining("found 1 means and 0 deviations");
        assertThatThrownBy(() -> Standardization.of(dataset(1, 1, 2), new int[0]))
                .hasMessage("found no training row to measure");
    }

    @Test
    void targetsAreStandardisedAndComeBack() {
        var values = new Targets.Values(List.of("a", "b"), Floats.of(arena, 1, 10, 3, 10, 900, 10));
        var measured = Standardization.ofTargets(values, new int[] {0, 1});
        assertThat(measured).isEqualTo(new Standardization(List.of(2.0, 10.0), List.of(1.0, 1.0)));
        var dataset = dataset(1, 0, 0, 0).withTargets(values);
        var scaled = measured.applyToTargets(dataset, arena).targets();
        assertThat(Floats.toArray(scaled.bytes())).containsExactly(-1, 0, 1, 0, 898, 0);
        assertThat(scaled.names()).containsExactly("a", "b");
        assertThat(Floats.get(values.bytes(), 0)).isEqualTo(1);
        assertThat(new Standardization(List.of(5.0), List.of(2.0)).undo(0, -1.5)).isEqualTo(2);
    }

    private Dataset dataset(int width, float... values) {
        var count = values.length / width;
        return new Dataset(
                "d",
                Shape.of(width),
                count,
                0,
                List.of(),
                new Features.Reals(Floats.of(arena, values)),
                new Targets.Labels(List.of("a"), Samples.ints(arena, new int[count])));
    }
}
