package dev.tutti.common.nn.layer;

import static dev.tutti.common.nn.layer.Slopes.TOLERANCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.tutti.common.plugin.PlugInLaws;
import dev.tutti.common.vector.Floats;
import dev.tutti.common.vector.Shape;
import java.lang.foreign.Arena;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What holds for every layer of the catalogue. */
class LayerLawsTest {
    private static final long SEED = 20_261_122;
    private static final int SAMPLES = 5;

    private final Arena arena = Arena.ofConfined();

    @AfterEach
    void freeMemory() {
        arena.close();
    }

    static List<LayerExample> examples() {
        return LayerExample.ALL;
    }

    static Stream<Arguments> examplesInBothModes() {
        return examples().stream()
                .flatMap(example ->
                        Arrays.stream(PassContext.Mode.values())
                                .map(mode -> Arguments.of(example, mode)));
    }

    private LayerBench bench(LayerExample example, PassContext.Mode mode, int from, int to) {
        return new LayerBench(arena, example.layer(), example, mode, from, to, SEED);
    }

    @Test
    void everyLayerIsListedWithAnExample() {
        PlugInLaws.everyRecordIsListed(Layers.CATALOGUE, Layer.class);
        PlugInLaws.everyNameHasAnExample(Layers.CATALOGUE, LayerExample.texts());
    }

    @Test
    void textsRoundTrip() {
        PlugInLaws.textsRoundTrip(Layers.CATALOGUE, LayerExample.texts());
        PlugInLaws.defaultsAreNotPrinted(Layers.CATALOGUE, LayerExample.texts());
    }

    @Test
    void wrongArgumentsAreRefused() {
        PlugInLaws.textsAreRefused(Layers.CATALOGUE, LayerExample.REFUSED);
        PlugInLaws.everyArgumentIsGuarded(Layers.CATALOGUE, LayerExample.REFUSED);
    }

    @ParameterizedTest
    @MethodSource("examplesInBothModes")
    void gradientIsTheSlope(LayerExample example, PassContext.Mode mode) {
        assertThat(bench(example, mode, 0, SAMPLES).gradientErrors())
                .as("worst relative errors, seed %d", SEED)
                .allSatisfy((_, error) -> assertThat(error).isLessThan(TOLERANCE));
    }

    @ParameterizedTest
    @MethodSource("examples")
    void derivativeThatIsOnePercentOffIsFound(LayerExample example) {
        var honest = bench(example, PassContext.Mode.TRAINING, 0, SAMPLES);
        var first = example.wholeNumbers() > 0 ? 0 : -1;
        for (var broken = first; broken < honest.trained().size(); broken++) {
            var name = broken < 0 ? "input" : honest.trained().get(broken).name();
            var layer = new OnePercentOff(example.layer(), broken);
            var errors =
                    new LayerBench(
                                    arena,
                                    layer,
                                    example,
                                    PassContext.Mode.TRAINING,
                                    0,
                                    SAMPLES,
                                    SEED)
                            .gradientErrors();
            assertThat(errors.get(name)).as("broken gradient of %s", name).isGreaterThan(TOLERANCE);
        }
    }

    @ParameterizedTest
    @MethodSource("examplesInBothModes")
    void gradientOfABatchIsTheSumOverAnyCut(LayerExample example, PassContext.Mode mode) {
        if (example.layer().mixesSamples() && mode == PassContext.Mode.TRAINING) {
            assertOutputsDependOnTheCut(example);
            return;
        }
        var whole = bench(example, mode, 0, 7);
        whole.run();
        for (var cut : List.of(List.of(0, 3, 7), List.of(0, 1, 2, 6, 7))) {
            var sum = new float[whole.gradient.values().length];
            for (var i = 1; i < cut.size(); i++) {
                var part = bench(example, mode, cut.get(i - 1), cut.get(i));
                part.run();
                var width = example.input().size();
                assertThat(part.inGradient.values())
                        .as(
                                "input gradient of rows %d to %d, seed %d",
                                cut.get(i - 1), cut.get(i), SEED)
                        .containsExactly(
                                Arrays.copyOfRange(
                                        whole.inGradient.values(),
                                        cut.get(i - 1) * width,
                                        cut.get(i) * width),
                                within(1e-6f));
                add(part.gradient.values(), sum);
            }
            assertThat(sum)
                    .as("gradient summed over the cut %s, seed %d", cut, SEED)
                    .containsExactly(whole.gradient.values(), within(2e-5f));
        }
    }

    /**
     * What a layer says about itself must be true: else it is let off the law above for nothing.
     */
    private void assertOutputsDependOnTheCut(LayerExample example) {
        var whole = bench(example, PassContext.Mode.TRAINING, 0, 7);
        var part = bench(example, PassContext.Mode.TRAINING, 0, 4);
        whole.run();
        part.run();
        var outputs = part.out.values();
        assertThat(Arrays.copyOf(whole.out.values(), outputs.length)).isNotEqualTo(outputs);
    }

    private static void add(float[] term, float[] out) {
        for (var i = 0; i < term.length; i++) {
            out[i] += term[i];
        }
    }

    @ParameterizedTest
    @MethodSource("examplesInBothModes")
    void passWritesAllItShouldAndNothingElse(LayerExample example, PassContext.Mode mode) {
        var bench = bench(example, mode, 0, SAMPLES);
        var in = bench.in.values();
        var weights = bench.weights.values();
        var statistics = bench.statistics.values();

        bench.run();

        bench.assertFencesIntact();
        assertThat(bench.in.values()).isEqualTo(in);
        assertThat(bench.weights.values()).isEqualTo(weights);
        assertThat(bench.statistics.values()).isEqualTo(statistics);
        assertFinite("output", bench.out);
        assertFinite("gradient", bench.gradient);
        assertFinite("input gradient", bench.inGradient);
        assertFinite("statistic sums", bench.statisticSums);
    }

    private static void assertFinite(String what, Fenced vector) {
        assertThat(Floats.allFinite(vector.vector())).as("%s is finite", what).isTrue();
    }

    @ParameterizedTest
    @MethodSource("examplesInBothModes")
    void firstLayerGetsTheSameGradientWithoutAnInputGradient(
            LayerExample example, PassContext.Mode mode) {
        var inner = bench(example, mode, 0, SAMPLES);
        var first = bench(example, mode, 0, SAMPLES);
        if (inner.trained().isEmpty()) {
            return; // Has nothing to compute there, and is not asked.
        }
        inner.run();
        first.runAsFirst();

        first.assertFencesIntact();
        assertThat(first.gradient.values()).isEqualTo(inner.gradient.values());
        assertThat(first.statisticSums.values()).isEqualTo(inner.statisticSums.values());
    }

    @ParameterizedTest
    @MethodSource("examplesInBothModes")
    void secondRunGivesTheSameBits(LayerExample example, PassContext.Mode mode) {
        var first = bench(example, mode, 0, SAMPLES);
        var second = bench(example, mode, 0, SAMPLES);
        first.run();
        second.run();
        second.run();

        assertThat(second.out.values()).isEqualTo(first.out.values());
        assertThat(second.gradient.values()).isEqualTo(first.gradient.values());
        assertThat(second.inGradient.values()).isEqualTo(first.inGradient.values());
        assertThat(second.statisticSums.values()).isEqualTo(first.statisticSums.values());
    }

    @ParameterizedTest
    @EnumSource
    void activationGivesNoNanForFiniteInputs(PassContext.Mode mode) {
        var extremes =
                new float[] {
                    0f,
                    -0f,
                    Float.MIN_VALUE,
                    -Float.MIN_VALUE,
                    88.8f,
                    -88.8f,
                    1e10f,
                    -1e10f,
                    Float.MAX_VALUE,
                    -Float.MAX_VALUE
                };
        for (var name : Layers.CATALOGUE.names()) {
            if (Layers.CATALOGUE.parse(exampleOf(name)) instanceof Activation activation) {
                var bench =
                        new LayerBench(
                                arena,
                                activation,
                                new LayerExample(name, Shape.of(extremes.length), 0),
                                mode,
                                0,
                                1,
                                SEED);
                Floats.copy(Floats.of(arena, extremes), bench.in.vector());
                bench.run();
                assertThat(bench.out.values()).as(name).doesNotContain(Float.NaN);
                assertThat(bench.inGradient.values()).as(name).doesNotContain(Float.NaN);
            }
        }
    }

    private static String exampleOf(String name) {
        return LayerExample.texts().stream()
                .filter(text -> text.equals(name) || text.startsWith(name + "("))
                .findFirst()
                .orElseThrow();
    }
}
