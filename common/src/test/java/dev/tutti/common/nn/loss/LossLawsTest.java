package dev.tutti.common.nn.loss;

import static dev.tutti.common.nn.layer.Slopes.TOLERANCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.tutti.common.data.Targets;
import dev.tutti.common.nn.Model;
import dev.tutti.common.nn.Workspace;
import dev.tutti.common.nn.layer.Layers;
import dev.tutti.common.nn.layer.Slopes;
import dev.tutti.common.plugin.PlugInLaws;
import dev.tutti.common.random.Seeds;
import dev.tutti.common.vector.Floats;
import dev.tutti.common.vector.Shape;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What holds for every loss of the catalogue. */
class LossLawsTest {
    private static final long SEED = 20_261_123;
    private static final int SAMPLES = 6;
    private static final List<Integer> WIDTHS = List.of(1, 2, 5);

    private final Arena arena = Arena.ofConfined();

    @AfterEach
    void freeMemory() {
        arena.close();
    }

    static List<String> examples() {
        return List.of(
                "quadratic",
                "mse",
                "mae",
                "softmax-cross-entropy",
                "softmax-cross-entropy(weights=1.0,0.05,20.5,3.0,0.25)",
                "binary-cross-entropy");
    }

    /** One loss with a batch: outputs whose distance to a target is never near zero. */
    private final class Bench {
        final Loss loss;
        final int width;
        final int targetWidth;
        final MemorySegment output;
        final MemorySegment target;
        final MemorySegment gradient;

        Bench(Loss loss, int width) {
            this.loss = loss;
            this.width = width;
            this.targetWidth = loss.targets() == Targets.Kind.LABELS ? 1 : width;
            this.output = Floats.allocate(arena, (long) SAMPLES * width);
            this.target = Floats.allocate(arena, (long) SAMPLES * targetWidth);
            this.gradient = Floats.allocate(arena, (long) SAMPLES * width);
            var random = Seeds.of(SEED, "loss", width);
            for (long i = 0; i < Floats.count(target); i++) {
                Floats.set(
                        target,
                        i,
                        random.nextInt(loss.targets() == Targets.Kind.LABELS ? width : 2));
            }
            for (long i = 0; i < Floats.count(output); i++) {
                var distance = 0.1 + random.nextDouble();
                Floats.set(output, i, (float) (random.nextInt(2) == 0 ? -distance : 1 + distance));
            }
        }

        double cost() {
            return cost(0, SAMPLES);
        }

        double cost(int from, int to) {
            return loss.cost(
                    to - from,
                    width,
                    rows(output, from, to, width),
                    rows(target, from, to, targetWidth),
                    rows(gradient, from, to, width));
        }

        double gradientError() {
            Floats.fill(Float.NaN, gradient);
            var _ = cost();
            var found = Floats.toArray(gradient);
            return Slopes.worstError(found, Slopes.of(output, this::cost));
        }
    }

    private static MemorySegment rows(MemorySegment matrix, int from, int to, int width) {
        return Floats.slice(matrix, (long) from * width, (long) (to - from) * width);
    }

    @Test
    void everyLossIsListedWithAnExample() {
        PlugInLaws.everyRecordIsListed(Losses.CATALOGUE, Loss.class);
        PlugInLaws.everyNameHasAnExample(Losses.CATALOGUE, examples());
        PlugInLaws.textsRoundTrip(Losses.CATALOGUE, examples());
        PlugInLaws.defaultsAreNotPrinted(Losses.CATALOGUE, examples());
        var refused =
                List.of(
                        "softmax-cross-entropy(weights=1,0)",
                        "softmax-cross-entropy(weights=1,NaN)",
                        "softmax-cross-entropy(weights=1,Infinity)",
                        "softmax-cross-entropy(weights=1,heavy)",
                        "softmax-cross-entropy(-1)");
        PlugInLaws.everyArgumentIsGuarded(Losses.CATALOGUE, refused);
        PlugInLaws.textsAreRefused(Losses.CATALOGUE, refused);
    }

    @ParameterizedTest
    @MethodSource("examples")
    void gradientIsTheSlope(String text) {
        var loss = Losses.CATALOGUE.parse(text);
        for (var width : loss.isWeighted() ? List.of(5) : WIDTHS) {
            assertThat(new Bench(loss, width).gradientError())
                    .as("worst relative error at width %d, seed %d", width, SEED)
                    .isLessThan(TOLERANCE);
        }
    }

    @ParameterizedTest
    @MethodSource("examples")
    void derivativeThatIsOnePercentOffIsFound(String text) {
        var honest = Losses.CATALOGUE.parse(text);
        assertThat(new Bench(new OffLoss(honest), 5).gradientError()).isGreaterThan(TOLERANCE);
    }

    private record OffLoss(Loss honest) implements Loss {
        @Override
        public Targets.Kind targets() {
            return honest.targets();
        }

        @Override
        public double cost(
                int samples,
                int width,
                MemorySegment output,
                MemorySegment target,
                MemorySegment gradient) {
            var cost = honest.cost(samples, width, output, target, gradient);
            for (long i = 0; i < Floats.count(gradient); i++) {
                Floats.set(gradient, i, Floats.get(gradient, i) * 1.01f);
            }
            return cost;
        }
    }

    @ParameterizedTest
    @MethodSource("examples")
    void costAndGradientOfABatchAreThoseOfItsCuts(String text) {
        var bench = new Bench(Losses.CATALOGUE.parse(text), 5);
        var whole = bench.cost();
        var gradient = Floats.toArray(bench.gradient);
        for (var cut : List.of(List.of(0, 2, SAMPLES), List.of(0, 1, 4, 5, SAMPLES))) {
            Floats.fill(Float.NaN, bench.gradient);
            var sum = 0.0;
            for (var i = 1; i < cut.size(); i++) {
                sum += bench.cost(cut.get(i - 1), cut.get(i));
            }
            assertThat(sum).as("cut %s", cut).isCloseTo(whole, within(1e-12 * Math.abs(whole)));
            assertThat(Floats.toArray(bench.gradient)).isEqualTo(gradient);
        }
    }

    @ParameterizedTest
    @MethodSource("examples")
    void finiteOutputsGiveNoNan(String text) {
        var bench = new Bench(Losses.CATALOGUE.parse(text), 5);
        var extremes =
                new float[] {0f, -0f, 1e30f, -1e30f, Float.MAX_VALUE, -Float.MAX_VALUE, 89f, -89f};
        for (long i = 0; i < Floats.count(bench.output); i++) {
            Floats.set(bench.output, i, extremes[(int) (i % extremes.length)]);
        }

        assertThat(bench.cost()).isNotNaN();
        assertThat(Floats.toArray(bench.gradient)).doesNotContain(Float.NaN);
    }

    @ParameterizedTest
    @MethodSource("examples")
    void labelThatNamesNoClassIsRefused(String text) {
        var bench = new Bench(Losses.CATALOGUE.parse(text), 5);
        if (bench.loss.targets() == Targets.Kind.LABELS) {
            for (var label : new float[] {-1, 5, 1.5f, Float.NaN}) {
                Floats.set(bench.target, 2, label);
                assertThatThrownBy(bench::cost)
                        .hasMessage("row 2: expected a label from 0 to 4, found " + label);
            }
        }
    }

    @Test
    void aWeightMultipliesItsSample() {
        var plain = new Bench(new SoftmaxCrossEntropy(), 2);
        var weighted = new Bench(new SoftmaxCrossEntropy(List.of(0.5f, 8f)), 2);
        var cost = 0.0;
        for (var row = 0; row < SAMPLES; row++) {
            var weight = Floats.get(plain.target, row) == 1 ? 8 : 0.5f;
            cost += weight * plain.cost(row, row + 1);
            var _ = weighted.cost(row, row + 1);
            for (var k = 2L * row; k < 2L * row + 2; k++) {
                assertThat(Floats.get(weighted.gradient, k))
                        .isEqualTo(weight * Floats.get(plain.gradient, k));
            }
        }
        assertThat(weighted.cost()).isCloseTo(cost, within(1e-12 * cost));
    }

    @Test
    void weightsOfAnotherNumberOfClassesAreRefused() {
        var model = Model.of(Layers.CATALOGUE.parseList("dense"), Shape.of(2), 3);
        assertThatThrownBy(() ->
                        new Workspace(arena, model, new SoftmaxCrossEntropy(List.of(1f, 2f)), 1))
                .hasMessageContaining("weights for 2 classes, but the model has 3 outputs");
    }
}
