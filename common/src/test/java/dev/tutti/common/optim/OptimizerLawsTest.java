package dev.tutti.common.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.tutti.common.plugin.PlugInLaws;
import dev.tutti.common.random.Seeds;
import dev.tutti.common.vector.Floats;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What holds for every optimizer of the catalogue. */
class OptimizerLawsTest {
    private static final long SEED = 20_261_124;
    private static final int COUNT = 53;

    private final Arena arena = Arena.ofConfined();

    @AfterEach
    void freeMemory() {
        arena.close();
    }

    static List<String> examples() {
        return List.of(
                "sgd(rate=0.1)",
                "sgd(rate=0.1,weight-decay=0.01)",
                "sgd(rate=0.05,momentum=0.9)",
                "sgd(rate=0.05,momentum=0.9,nesterov=true,weight-decay=0.01)",
                "adam",
                "adam(rate=0.01,beta1=0.8,weight-decay=0.1)",
                "adam(beta2=0.99,epsilon=0.001)",
                "adamw",
                "adamw(rate=0.02,weight-decay=0.2)");
    }

    private static final List<String> REFUSED =
            List.of(
                    "sgd",
                    "sgd(rate=0)",
                    "sgd(rate=-0.1)",
                    "sgd(rate=NaN)",
                    "sgd(rate=Infinity)",
                    "sgd(rate=0.1,momentum=1)",
                    "sgd(rate=0.1,momentum=-0.5)",
                    "sgd(rate=0.1,nesterov=true)",
                    "sgd(rate=0.1,weight-decay=-1)",
                    "adam(rate=0)",
                    "adam(beta1=1)",
                    "adam(beta2=-0.1)",
                    "adam(epsilon=0)",
                    "adam(weight-decay=-1)",
                    "adamw(rate=0)",
                    "adamw(beta1=1)",
                    "adamw(beta2=1)",
                    "adamw(epsilon=0)",
                    "adamw(weight-decay=-1)");

    /** Weights with their slots, and a gradient that is a function of step and weights. */
    private record Run(MemorySegment weights, List<MemorySegment> slots, MemorySegment gradient) {
        Run from(Arena arena) {
            return new Run(
                    copy(arena, weights),
                    slots.stream().map(slot -> copy(arena, slot)).toList(),
                    Floats.allocate(arena, COUNT));
        }

        private static MemorySegment copy(Arena arena, MemorySegment vector) {
            var copy = Floats.allocate(arena, Floats.count(vector));
            Floats.copy(vector, copy);
            return copy;
        }

        void drawGradient(long step) {
            var random = Seeds.of(SEED, "gradient", step);
            for (long i = 0; i < COUNT; i++) {
                Floats.set(
                        gradient,
                        i,
                        Floats.get(weights, i) - 1 + 0.3f * (float) random.nextGaussian());
            }
        }

        void step(Optimizer optimizer, long step) {
            drawGradient(step);
            Steps.take(optimizer, step, rate(optimizer, step), gradient, slots, weights);
        }

        static double rate(Optimizer optimizer, long step) {
            return optimizer.rate() / (1 + 0.1 * step);
        }

        List<float[]> state() {
            return IntStream.rangeClosed(0, slots.size())
                    .mapToObj(i -> Floats.toArray(i == 0 ? weights : slots.get(i - 1)))
                    .toList();
        }
    }

    private Run start(Optimizer optimizer) {
        var weights = Floats.allocate(arena, COUNT);
        var random = Seeds.of(SEED, "weights");
        for (long i = 0; i < COUNT; i++) {
            Floats.set(weights, i, (float) random.nextGaussian());
        }
        var slots =
                IntStream.range(0, optimizer.slotCount())
                        .mapToObj(_ -> Floats.allocate(arena, COUNT))
                        .toList();
        return new Run(weights, slots, Floats.allocate(arena, COUNT));
    }

    @Test
    void everyOptimizerIsListedWithAnExample() {
        PlugInLaws.everyRecordIsListed(Optimizers.CATALOGUE, Optimizer.class);
        PlugInLaws.everyNameHasAnExample(Optimizers.CATALOGUE, examples());
        PlugInLaws.textsRoundTrip(Optimizers.CATALOGUE, examples());
        PlugInLaws.defaultsAreNotPrinted(Optimizers.CATALOGUE, examples());
    }

    @Test
    void wrongArgumentsAreRefused() {
        PlugInLaws.textsAreRefused(Optimizers.CATALOGUE, REFUSED);
        PlugInLaws.everyArgumentIsGuarded(Optimizers.CATALOGUE, REFUSED);
    }

    @ParameterizedTest
    @MethodSource("examples")
    void stopAndResumeIsAsUninterrupted(String text) {
        var optimizer = Optimizers.CATALOGUE.parse(text);
        var whole = start(optimizer);
        var stopped = start(optimizer);
        for (var step = 0; step < 5; step++) {
            whole.step(optimizer, step);
            stopped.step(optimizer, step);
        }
        var resumed = stopped.from(arena);
        var again = Optimizers.CATALOGUE.parse(Optimizers.CATALOGUE.format(optimizer));
        for (var step = 5; step < 11; step++) {
            whole.step(optimizer, step);
            resumed.step(again, step);
        }

        assertThat(resumed.state())
                .as("seed %d", SEED)
                .usingRecursiveComparison()
                .isEqualTo(whole.state());
        assertThat(stopped.state())
                .as("the run goes on")
                .usingRecursiveComparison()
                .isNotEqualTo(whole.state());
    }

    @ParameterizedTest
    @MethodSource("examples")
    void stepsOverChunksInAnyOrderAreTheWholeStep(String text) {
        var optimizer = Optimizers.CATALOGUE.parse(text);
        var whole = start(optimizer);
        var cut = start(optimizer);
        var bounds = List.of(0, 1, 17, 40, COUNT);
        for (var step = 0; step < 4; step++) {
            whole.step(optimizer, step);
            cut.drawGradient(step);
            for (var i = bounds.size() - 1; i > 0; i--) {
                var from = bounds.get(i - 1);
                var count = bounds.get(i) - from;
                Steps.take(
                        optimizer,
                        step,
                        Run.rate(optimizer, step),
                        Floats.slice(cut.gradient(), from, count),
                        cut.slots().stream().map(slot -> Floats.slice(slot, from, count)).toList(),
                        Floats.slice(cut.weights(), from, count));
            }
        }

        assertThat(cut.state())
                .as("seed %d", SEED)
                .usingRecursiveComparison()
                .isEqualTo(whole.state());
    }

    @ParameterizedTest
    @MethodSource("examples")
    void eachStepIsTheOneOfItsDefinition(String text) {
        var optimizer = Optimizers.CATALOGUE.parse(text);
        var run = start(optimizer);
        var expected =
                IntStream.range(0, COUNT)
                        .mapToObj(i -> new Definition(optimizer, Floats.get(run.weights(), i)))
                        .toList();
        for (var step = 0; step < 20; step++) {
            run.drawGradient(step);
            for (var i = 0; i < COUNT; i++) {
                expected.get(i)
                        .step(step, Run.rate(optimizer, step), Floats.get(run.gradient(), i));
            }
            Steps.take(
                    optimizer,
                    step,
                    Run.rate(optimizer, step),
                    run.gradient(),
                    run.slots(),
                    run.weights());
        }
        for (var i = 0; i < COUNT; i++) {
            assertThat((double) Floats.get(run.weights(), i))
                    .as("weight %d, seed %d", i, SEED)
                    .isCloseTo(expected.get(i).weight, within(2e-5));
        }
    }

    /** One weight in double precision, by the letters of PyTorch's manual. */
    private static final class Definition {
        private final Optimizer optimizer;
        private double weight;
        private double b;
        private double m;
        private double v;

        Definition(Optimizer optimizer, double weight) {
            this.optimizer = optimizer;
            this.weight = weight;
        }

        void step(long step, double rate, double gradient) {
            switch (optimizer) {
                case Sgd sgd -> sgd(sgd, step, rate, gradient + sgd.weightDecay() * weight);
                case Adam a ->
                        adam(
                                a.beta1(),
                                a.beta2(),
                                a.epsilon(),
                                step + 1,
                                rate,
                                gradient + a.weightDecay() * weight);
                case Adamw a -> {
                    weight -= rate * a.weightDecay() * weight;
                    adam(a.beta1(), a.beta2(), a.epsilon(), step + 1, rate, gradient);
                }
                default -> throw new AssertionError("write down the definition of " + optimizer);
            }
        }

        private void sgd(Sgd sgd, long step, double rate, double g) {
            if (sgd.momentum() != 0) {
                b = step == 0 ? g : sgd.momentum() * b + g;
                g = sgd.nesterov() ? g + sgd.momentum() * b : b;
            }
            weight -= rate * g;
        }

        private void adam(
                double beta1, double beta2, double epsilon, long t, double rate, double g) {
            m = beta1 * m + (1 - beta1) * g;
            v = beta2 * v + (1 - beta2) * g * g;
            var unbiasedM = m / (1 - Math.pow(beta1, (double) t));
            var unbiasedV = v / (1 - Math.pow(beta2, (double) t));
            weight -= rate * unbiasedM / (Math.sqrt(unbiasedV) + epsilon);
        }
    }
}
