package dev.tutti.common.step.compute;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.tutti.common.data.Dataset;
import dev.tutti.common.data.Features;
import dev.tutti.common.data.Targets;
import dev.tutti.common.nn.loss.BinaryCrossEntropy;
import dev.tutti.common.nn.loss.Mse;
import dev.tutti.common.nn.loss.SoftmaxCrossEntropy;
import dev.tutti.common.vector.Floats;
import dev.tutti.common.vector.Shape;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class BaselineTest {
    private final Arena arena = Arena.ofAuto();

    @Test
    void theMostFrequentClassOfTheTrainingSamplesIsMeasuredOverOtherSamples() {
        var labels = arena.allocateFrom(ValueLayout.JAVA_INT, 2, 1, 1, 0, 0, 0, 1);
        var dataset = dataset(7, new Targets.Labels(List.of("a", "b", "c"), labels));
        var baseline = Baseline.of(dataset, new int[] {0, 1, 2});
        assertThat(baseline.answer()).containsExactly(1.0);
        var figures = baseline.over(dataset, new int[] {3, 4, 5, 6}, new SoftmaxCrossEntropy());
        assertThat(figures.accuracy()).contains(0.25);
        assertThat(figures.loss()).isEmpty();
    }

    @Test
    void theMeanOfTheTrainingSamplesIsMeasuredByTheLoss() {
        var values = Floats.allocate(arena, 600);
        IntStream.range(0, 600).forEach(i -> Floats.set(values, i, i % 2 == 0 ? i : 3));
        var dataset = dataset(300, new Targets.Values(List.of("u", "v"), values));
        var baseline = Baseline.of(dataset, new int[] {0, 1});
        assertThat(baseline.answer()).containsExactly(1.0, 3.0);
        var rows = IntStream.range(0, 300).toArray();
        var expected =
                IntStream.of(rows).mapToDouble(i -> (2 * i - 1.0) * (2 * i - 1.0) / 2).sum() / 300;
        var figures = baseline.over(dataset, rows, new Mse());
        assertThat(figures.loss().orElseThrow()).isCloseTo(expected, within(1e-6 * expected));
        assertThat(figures.accuracy()).isEmpty();
    }

    @Test
    void aLossOnLogitsGetsTheMeansLogit() {
        var values = Floats.allocate(arena, 4);
        Floats.set(values, 0, 1);
        var dataset = dataset(4, new Targets.Values(List.of("p"), values));
        var rows = IntStream.range(0, 4).toArray();
        var figures = Baseline.of(dataset, rows).over(dataset, rows, new BinaryCrossEntropy());
        var entropy = -0.25 * Math.log(0.25) - 0.75 * Math.log(0.75);
        assertThat(figures.loss().orElseThrow()).isCloseTo(entropy, within(1e-6));
    }

    @Test
    void noSamplesHaveNoFigures() {
        var dataset = dataset(1, new Targets.Values(List.of("p"), Floats.allocate(arena, 1)));
        assertThat(Baseline.of(dataset, new int[] {0}).over(dataset, new int[0], new Mse()))
                .isEqualTo(Baseline.Figures.NONE);
    }

    private Dataset dataset(int count, Targets targets) {
        MemorySegment features = Floats.allocate(arena, count);
        return new Dataset(
                "data", Shape.of(1), count, 0, List.of(), new Features.Reals(features), targets);
    }
}
