package dev.tutti.common.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.tutti.common.nn.PyTorchCases;
import dev.tutti.common.nn.PyTorchCases.Case;
import dev.tutti.common.vector.Floats;
import java.lang.foreign.Arena;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Optimizers and schedules against what PyTorch computes. */
class PyTorchOptimizersTest {
    private final Arena arena = Arena.ofConfined();

    @AfterEach
    void freeMemory() {
        arena.close();
    }

    static List<Case> optimizers() {
        return cases("optimizer");
    }

    static List<Case> schedules() {
        return cases("schedule");
    }

    private static List<Case> cases(String topic) {
        return PyTorchCases.read(PyTorchOptimizersTest.class, "pytorch-optimizers.txt", topic);
    }

    /** What PyTorch has not is held against its paper alone, by {@link OptimizerDefinitions}. */
    private static final List<String> NOT_IN_PYTORCH = List.of("lion", "lars", "lamb");

    @Test
    void everyOptimizerAndScheduleHasACase() {
        assertThat(Stream.concat(names(optimizers()).stream(), NOT_IN_PYTORCH.stream()))
                .containsExactlyInAnyOrderElementsOf(Optimizers.CATALOGUE.names());
        assertThat(names(schedules()))
                .containsExactlyInAnyOrderElementsOf(Schedules.CATALOGUE.names());
    }

    private static List<String> names(List<Case> cases) {
        return cases.stream()
                .map(expected -> expected.lines().getFirst().values().replaceAll("\\(.*", ""))
                .distinct()
                .toList();
    }

    @ParameterizedTest
    @MethodSource("optimizers")
    void optimizerTakesTheSameSteps(Case expected) {
        var optimizer = Optimizers.CATALOGUE.parse(expected.line("optimizer").values());
        var weights = Floats.of(arena, expected.line("weights").floats());
        var layout =
                expected.lines().stream()
                        .filter(line -> line.key().equals("shape"))
                        .map(line ->
                                new TensorLayout(List.of(new TensorLayout.Placed(0, line.shape()))))
                        .findFirst()
                        .orElse(Steps.vector(Floats.count(weights)));
        var slots =
                IntStream.range(0, optimizer.slotCount())
                        .mapToObj(_ -> Floats.allocate(arena, Floats.count(weights)))
                        .toList();
        var gradients = expected.all("gradient");
        assertThat(gradients).isNotEmpty();
        for (var step = 0; step < gradients.size(); step++) {
            var gradient = Floats.of(arena, gradients.get(step).floats());
            Steps.take(optimizer, step, optimizer.rate(), layout, gradient, slots, weights);
            assertThat(Floats.toArray(weights))
                    .as("after step %d", step)
                    .containsExactly(expected.all("after").get(step).floats(), within(1e-5f));
        }
    }

    @ParameterizedTest
    @MethodSource("schedules")
    void scheduleGivesTheSameFactors(Case expected) {
        var schedule = Schedules.CATALOGUE.parse(expected.line("schedule").values());
        var factors = expected.line("factors").floats();
        for (var step = 0; step < factors.length; step++) {
            assertThat((float) schedule.factor(step))
                    .as("step %d", step)
                    .isCloseTo(factors[step], within(1e-5f));
        }
    }
}
