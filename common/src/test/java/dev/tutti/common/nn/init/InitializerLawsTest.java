package dev.tutti.common.nn.init;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.tutti.common.nn.layer.Fenced;
import dev.tutti.common.plugin.PlugInLaws;
import dev.tutti.common.random.Seeds;
import dev.tutti.common.vector.Floats;
import dev.tutti.common.vector.Shape;
import java.lang.foreign.Arena;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What holds for every initialiser of the catalogue. */
class InitializerLawsTest {
    private static final int FAN_IN = 300;
    private static final int FAN_OUT = 200;
    private static final Parameter WEIGHT =
            Parameter.drawn("weight", Shape.of(FAN_OUT, FAN_IN), FAN_IN, FAN_OUT);

    private static final List<String> REFUSED = List.of("constant", "constant(value=NaN)");

    private final Arena arena = Arena.ofConfined();

    @AfterEach
    void freeMemory() {
        arena.close();
    }

    /**
     * An initialiser and what it promises.
     *
     * @param largest the largest magnitude it can draw
     */
    record Example(String text, double mean, double variance, double largest) {}

    static List<Example> examples() {
        return List.of(
                // Outside a model nothing is known to follow.
                normal("auto", 1.0 / FAN_IN),
                uniform("xavier-uniform", 2.0 / (FAN_IN + FAN_OUT)),
                normal("xavier-normal", 2.0 / (FAN_IN + FAN_OUT)),
                uniform("he-uniform", 2.0 / FAN_IN),
                normal("he-normal", 2.0 / FAN_IN),
                uniform("lecun-uniform", 1.0 / FAN_IN),
                normal("lecun-normal", 1.0 / FAN_IN),
                new Example("constant(value=-0.25)", -0.25, 0, 0.25),
                new Example("zero", 0, 0, 0));
    }

    private static Example uniform(String text, double variance) {
        return new Example(text, 0, variance, Math.sqrt(3 * variance) * (1 + 1e-6));
    }

    private static Example normal(String text, double variance) {
        return new Example(text, 0, variance, 9 * Math.sqrt(variance));
    }

    private static List<String> texts() {
        return examples().stream().map(Example::text).toList();
    }

    @Test
    void everyInitializerIsListedWithAnExample() {
        PlugInLaws.everyRecordIsListed(Initializers.CATALOGUE, Initializer.class);
        PlugInLaws.everyNameHasAnExample(Initializers.CATALOGUE, texts());
        PlugInLaws.textsRoundTrip(Initializers.CATALOGUE, texts());
        PlugInLaws.defaultsAreNotPrinted(Initializers.CATALOGUE, texts());
        PlugInLaws.textsAreRefused(Initializers.CATALOGUE, REFUSED);
        PlugInLaws.everyArgumentIsGuarded(Initializers.CATALOGUE, REFUSED);
    }

    @ParameterizedTest
    @MethodSource("examples")
    void drawnValuesHaveThePromisedMeanVarianceAndRange(Example example) {
        var seed = 5L;
        var values = draw(example.text(), seed);
        var sum = 0.0;
        var squares = 0.0;
        for (var value : values) {
            assertThat((double) Math.abs(value)).isLessThanOrEqualTo(example.largest());
            sum += value;
            squares += (value - example.mean()) * (value - example.mean());
        }
        // Six deviations of the mean of 60,000 draws are 2.5 %, of their variance at most 3.5 %.
        assertThat(sum / values.length)
                .as("mean, seed %d", seed)
                .isCloseTo(example.mean(), within(0.025 * Math.sqrt(example.variance()) + 1e-9));
        assertThat(squares / values.length)
                .as("variance, seed %d", seed)
                .isCloseTo(example.variance(), within(0.035 * example.variance() + 1e-12));
    }

    @ParameterizedTest
    @MethodSource("examples")
    void valuesAreAFunctionOfTheSeed(Example example) {
        assertThat(draw(example.text(), 1)).isEqualTo(draw(example.text(), 1));
        if (example.variance() > 0) {
            assertThat(draw(example.text(), 1)).isNotEqualTo(draw(example.text(), 2));
        }
    }

    private float[] draw(String text, long seed) {
        var values = Fenced.allocate(arena, WEIGHT.shape().size());
        Initializers.CATALOGUE.parse(text).fill(WEIGHT, Seeds.of(seed, "test"), values.vector());
        values.assertIntact("values");
        assertThat(Floats.allFinite(values.vector())).as("all are written").isTrue();
        return values.values();
    }
}
