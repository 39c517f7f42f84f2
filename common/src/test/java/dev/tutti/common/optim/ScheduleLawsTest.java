package dev.tutti.common.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.tutti.common.plugin.PlugInException;
import dev.tutti.common.plugin.PlugInLaws;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What holds for every schedule of the catalogue, and the values of each. */
class ScheduleLawsTest {
    private static final List<String> REFUSED =
            List.of(
                    "step",
                    "step(every=0,factor=0.5)",
                    "step(every=10,factor=0)",
                    "exponential(factor=-1)",
                    "cosine(steps=0)",
                    "cosine(steps=5,floor=1)",
                    "cosine(steps=5,floor=-0.1)",
                    "warmup(steps=0)");

    static List<String> examples() {
        return List.of(
                "constant",
                "step(every=30,factor=0.1)",
                "exponential(factor=0.99)",
                "cosine(steps=100)",
                "cosine(steps=50,floor=0.05)",
                "warmup(steps=10)",
                "warmup(steps=5,then=cosine(steps=200))",
                "warmup(steps=5,then=warmup(steps=3,then=step(every=2,factor=0.5)))");
    }

    @Test
    void everyScheduleIsListedWithAnExample() {
        PlugInLaws.everyRecordIsListed(Schedules.CATALOGUE, Schedule.class);
        PlugInLaws.everyNameHasAnExample(Schedules.CATALOGUE, examples());
        PlugInLaws.textsRoundTrip(Schedules.CATALOGUE, examples());
        PlugInLaws.defaultsAreNotPrinted(Schedules.CATALOGUE, examples());
        PlugInLaws.textsAreRefused(Schedules.CATALOGUE, REFUSED);
        PlugInLaws.everyArgumentIsGuarded(Schedules.CATALOGUE, REFUSED);
    }

    @ParameterizedTest
    @MethodSource("examples")
    void factorIsFiniteAboveZeroAndNeverAboveOne(String text) {
        var schedule = Schedules.CATALOGUE.parse(text);
        for (var step = 0; step < 100; step++) {
            assertThat(schedule.factor(step))
                    .as("step %d", step)
                    .isPositive()
                    .isLessThanOrEqualTo(1);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    constant                                | 12345 | 1
                    step(every=3,factor=0.5)                | 2     | 1
                    step(every=3,factor=0.5)                | 3     | 0.5
                    step(every=3,factor=0.5)                | 9     | 0.125
                    exponential(factor=0.9)                 | 0     | 1
                    exponential(factor=0.9)                 | 3     | 0.729
                    cosine(steps=100)                       | 0     | 1
                    cosine(steps=100)                       | 50    | 0.5
                    cosine(steps=100)                       | 75    | 0.146446609406726
                    cosine(steps=100,floor=0.2)             | 50    | 0.6
                    cosine(steps=100,floor=0.2)             | 100   | 0.2
                    cosine(steps=100,floor=0.2)             | 999   | 0.2
                    warmup(steps=4)                         | 0     | 0.25
                    warmup(steps=4)                         | 3     | 1
                    warmup(steps=4,then=exponential(0.5))   | 4     | 1
                    warmup(steps=4,then=exponential(0.5))   | 6     | 0.25
                    """)
    void factorIsTheOneOfTheDefinition(String text, long step, double expected) {
        assertThat(Schedules.CATALOGUE.parse(text).factor(step)).isCloseTo(expected, within(1e-12));
    }

    @Test
    void rateThatReachesZeroIsRefusedBeforeTheRun() {
        var schedule = Schedules.CATALOGUE.parse("cosine(steps=100)");

        assertThatCode(() -> Schedules.check(schedule, 0.1, 100)).doesNotThrowAnyException();
        assertThatThrownBy(() -> Schedules.check(schedule, 0.1, 101))
                .isInstanceOf(PlugInException.class)
                .hasMessage(
                        "schedule cosine(steps=100) gives a rate of 0.0 at step 100; it must be"
                                + " above 0 in every step");
    }

    @ParameterizedTest
    @MethodSource("examples")
    void factorThatIsZeroOrInfiniteStaysSo(String text) {
        var schedule = Schedules.CATALOGUE.parse(text);
        var isGood = true;
        for (var step = 0; step < 100_000; step++) {
            var factor = schedule.factor(step);
            var good = factor > 0 && Double.isFinite(factor);
            assertThat(good && !isGood).as("step %d: %s", step, factor).isFalse();
            isGood = good;
        }
    }

    @Test
    void aRunOfAnyLengthIsCheckedAtOnce() {
        assertThatThrownBy(() ->
                        Schedules.check(
                                Schedules.CATALOGUE.parse("exponential(factor=0.5)"),
                                1,
                                Long.MAX_VALUE))
                .hasMessageContaining("gives a rate of 0.0 at step 1075;");
    }

    @Test
    void rateThatOverflowsIsRefused() {
        var schedule = Schedules.CATALOGUE.parse("exponential(factor=10)");

        assertThatThrownBy(() -> Schedules.rate(schedule, 1, 400))
                .hasMessageContaining("gives a rate of Infinity at step 400");
    }

    @Test
    void rateGrowsAsTheBatch() {
        assertThat(Schedules.scaled(0.1, 256, 1024)).isEqualTo(0.4);
        assertThatThrownBy(() -> Schedules.scaled(0.1, 0, 1024))
                .hasMessage("batches must have at least 1 sample, were 0 and 1024");
    }
}
