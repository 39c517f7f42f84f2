package dev.tutti.common.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.tutti.common.kernel.Floats;
import java.lang.foreign.Arena;
import java.util.List;
import java.util.OptionalDouble;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class UpdateRuleTest {
    private final Arena arena = Arena.ofConfined();

    @AfterEach
    void freeMemory() {
        arena.close();
    }

    /**
     * Returns the weights 1, −2 | 10 after one step with the mean 3, 4 | 0.5, the last a statistic.
     */
    private float[] after(UpdateRule rule, long step) {
        var weights = Floats.of(arena, 1, -2, 10);
        var slots =
                IntStream.range(0, rule.optimizer().slotCount())
                        .mapToObj(_ -> Floats.allocate(arena, 3))
                        .toList();
        rule.apply(step, 2, Floats.of(arena, 3, 4, 0.5f), slots, weights);
        return Floats.toArray(weights);
    }

    private static UpdateRule rule(
            String optimizer, String schedule, List<String> regularizers, OptionalDouble normMax) {
        var parsed = Optimizers.CATALOGUE.parse(optimizer);
        return new UpdateRule(
                parsed,
                parsed.rate(),
                Schedules.CATALOGUE.parse(schedule),
                regularizers.stream().map(Regularizers.CATALOGUE::parse).toList(),
                normMax);
    }

    @Test
    void statisticsMoveByTheirMeanWhateverTheOptimizer() {
        for (var optimizer : List.of("sgd(0.1)", "adam", "adamw", "sgd(0.1,momentum=0.9)")) {
            var rule = UpdateRule.of(Optimizers.CATALOGUE.parse(optimizer));
            assertThat(after(rule, 0)[2]).as(optimizer).isEqualTo(10.5f);
        }
    }

    @Test
    void optimizerAloneTakesItsOwnStep() {
        assertThat(after(UpdateRule.of(Optimizers.CATALOGUE.parse("sgd(0.1)")), 7))
                .containsExactly(new float[] {0.7f, -2.4f, 10.5f}, within(1e-6f));
    }

    @Test
    void scheduleScalesTheRateOfTheStep() {
        var rule = rule("sgd(0.1)", "exponential(0.5)", List.of(), OptionalDouble.empty());

        assertThat(rule.rate(2)).isEqualTo(0.025);
        assertThat(after(rule, 2))
                .containsExactly(new float[] {0.925f, -2.1f, 10.5f}, within(1e-6f));
    }

    @Test
    void gradientIsClippedByTheTrainedPartAlone() {
        var rule = rule("sgd(1)", "constant", List.of(), OptionalDouble.of(1));

        assertThat(after(rule, 0))
                .containsExactly(new float[] {1 - 0.6f, -2 - 0.8f, 10.5f}, within(1e-5f));
    }

    @Test
    void regularizersCountBeforeTheClipping() {
        // 3 + 1 and 4 − 2 make a gradient of length √20, cut to 3.
        var rule = rule("sgd(1)", "constant", List.of("l2(1)", "l1(0)"), OptionalDouble.of(3));

        assertThat(after(rule, 0)[0]).isCloseTo(1 - 4 * 3f / (float) Math.sqrt(20), within(1e-5f));
        assertThat(after(rule, 0)[1]).isCloseTo(-2 - 2 * 3f / (float) Math.sqrt(20), within(1e-5f));
    }

    @Test
    void normThatIsNotAboveZeroIsRefused() {
        assertThatThrownBy(() -> rule("sgd(1)", "constant", List.of(), OptionalDouble.of(-1)))
                .hasMessage("the largest norm must be a finite number above 0, was -1.0");
    }
}
