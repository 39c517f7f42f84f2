package dev.tutti.common.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.tutti.common.plugin.PlugInLaws;
import dev.tutti.common.random.Seeds;
import dev.tutti.common.vector.Blocks;
import dev.tutti.common.vector.Floats;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What holds for every regulariser of the catalogue. */
class RegularizerLawsTest {
    private static final long SEED = 20_261_125;
    private static final int COUNT = 23;
    private static final float STEP = 0x1p-6f;

    private static final List<String> REFUSED =
            List.of("l1", "l1(lambda=-1)", "l2(lambda=NaN)", "l2(lambda=Infinity)");

    private final Arena arena = Arena.ofConfined();

    @AfterEach
    void freeMemory() {
        arena.close();
    }

    static List<String> examples() {
        return List.of("l2(lambda=0.3)", "l1(lambda=0.2)");
    }

    private MemorySegment weights() {
        var weights = Floats.allocate(arena, COUNT);
        var random = Seeds.of(SEED, "weights");
        for (long i = 0; i < COUNT; i++) {
            // At least 0.1 from the kink at zero.
            var size = 0.1 + random.nextDouble();
            Floats.set(weights, i, (float) (i % 2 == 0 ? size : -size));
        }
        return weights;
    }

    @Test
    void everyRegularizerIsListedWithAnExample() {
        PlugInLaws.everyRecordIsListed(Regularizers.CATALOGUE, Regularizer.class);
        PlugInLaws.everyNameHasAnExample(Regularizers.CATALOGUE, examples());
        PlugInLaws.textsRoundTrip(Regularizers.CATALOGUE, examples());
        PlugInLaws.defaultsAreNotPrinted(Regularizers.CATALOGUE, examples());
        PlugInLaws.textsAreRefused(Regularizers.CATALOGUE, REFUSED);
        PlugInLaws.everyArgumentIsGuarded(Regularizers.CATALOGUE, REFUSED);
    }

    @ParameterizedTest
    @MethodSource("examples")
    void slopeOfThePenaltyIsAddedToTheGradient(String text) {
        var regularizer = Regularizers.CATALOGUE.parse(text);
        var weights = weights();
        var gradient = Floats.allocate(arena, COUNT);
        Floats.fill(2f, gradient);

        Blocks.map(weights, gradient, gradient, regularizer::addGradient);

        for (long i = 0; i < COUNT; i++) {
            var kept = Floats.get(weights, i);
            Floats.set(weights, i, kept + STEP);
            var above = regularizer.penalty(weights);
            Floats.set(weights, i, kept - STEP);
            var below = regularizer.penalty(weights);
            Floats.set(weights, i, kept);
            assertThat((double) Floats.get(gradient, i) - 2)
                    .as("weight %d, seed %d", i, SEED)
                    .isCloseTo((above - below) / (2 * STEP), within(1e-5));
        }
    }

    @ParameterizedTest
    @MethodSource("examples")
    void penaltyOfTheWholeIsTheSumOverItsRanges(String text) {
        var regularizer = Regularizers.CATALOGUE.parse(text);
        var weights = weights();
        var front = regularizer.penalty(Floats.slice(weights, 0, 9));
        var back = regularizer.penalty(Floats.slice(weights, 9, COUNT - 9));

        assertThat(front + back).isCloseTo(regularizer.penalty(weights), within(1e-12));
    }

    @ParameterizedTest
    @MethodSource("examples")
    void weightsOfZeroCostNothingAndFeelNothing(String text) {
        var regularizer = Regularizers.CATALOGUE.parse(text);
        var weights = Floats.allocate(arena, 5);
        var gradient = Floats.allocate(arena, 5);

        Blocks.map(weights, gradient, gradient, regularizer::addGradient);

        assertThat(regularizer.penalty(weights)).isZero();
        assertThat(Floats.toArray(gradient)).containsOnly(0f);
    }
}
