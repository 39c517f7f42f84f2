package dev.tutti.common.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.tutti.common.plugin.PlugInLaws;
import dev.tutti.common.random.Seeds;
import dev.tutti.common.vector.Floats;
import dev.tutti.common.vector.Parallel;
import dev.tutti.common.vector.Shape;
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
    private static final int COUNT = 77;

    /** A matrix that is higher than wide, one that is wider than high, and a bias. */
    private static final TensorLayout LAYOUT =
            new TensorLayout(
                    List.of(
                            new TensorLayout.Placed(0, Shape.of(6, 2, 2)),
                            new TensorLayout.Placed(24, Shape.of(5, 8)),
                            new TensorLayout.Placed(64, Shape.of(13))));

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
                "adamw(rate=0.02,weight-decay=0.2)",
                "rmsprop",
                "rmsprop(rate=0.02,alpha=0.9,epsilon=0.001,weight-decay=0.1,momentum=0.8)",
                "rmsprop(epsilon=0.01,centered=true)",
                "rmsprop(epsilon=0.01,momentum=0.9,centered=true)",
                "adagrad",
                "adagrad(rate=0.1,rate-decay=0.1,weight-decay=0.1,initial-accumulator=0.5)",
                "adagrad(epsilon=0.1)",
                "lion",
                "lion(rate=0.001,beta1=0.8,beta2=0.95,weight-decay=0.3)",
                "lars(rate=0.5)",
                "lars(rate=1.0,momentum=0.5,weight-decay=0.1,trust=0.01)",
                "lamb",
                "lamb(rate=0.02,beta1=0.8,beta2=0.99,epsilon=0.001,weight-decay=0.2)",
                "muon",
                "muon(rate=0.02,momentum=0.8,nesterov=false,weight-decay=0.2)",
                "muon(steps=3,adjust=match-rms-adamw,vectors=0.1)");
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
                    "adamw(weight-decay=-1)",
                    "rmsprop(rate=0)",
                    "rmsprop(alpha=1)",
                    "rmsprop(epsilon=0)",
                    "rmsprop(weight-decay=-1)",
                    "rmsprop(momentum=1)",
                    "rmsprop(centered=perhaps)",
                    "adagrad(rate=0)",
                    "adagrad(rate-decay=-1)",
                    "adagrad(weight-decay=-1)",
                    "adagrad(initial-accumulator=-1)",
                    "adagrad(epsilon=0)",
                    "lion(rate=0)",
                    "lion(beta1=1)",
                    "lion(beta2=1)",
                    "lion(weight-decay=-1)",
                    "lars",
                    "lars(rate=0)",
                    "lars(rate=1,momentum=1)",
                    "lars(rate=1,weight-decay=-1)",
                    "lars(rate=1,trust=0)",
                    "lamb(rate=0)",
                    "lamb(beta1=1)",
                    "lamb(beta2=1)",
                    "lamb(epsilon=0)",
                    "lamb(weight-decay=-1)",
                    "muon(rate=0)",
                    "muon(momentum=1)",
                    "muon(nesterov=perhaps)",
                    "muon(weight-decay=-1)",
                    "muon(steps=0)",
                    "muon(adjust=other)",
                    "muon(vectors=0)");

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
            Steps.take(optimizer, step, rate(optimizer, step), LAYOUT, gradient, slots, weights);
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
    void stepsOverPartsInAnyOrderAreTheWholeStep(String text) {
        var optimizer = Optimizers.CATALOGUE.parse(text);
        var whole = start(optimizer);
        var cut = start(optimizer);
        // Parts anywhere, or tensors.
        var bounds =
                optimizer instanceof ElementOptimizer
                        ? List.of(0, 1, 17, 40, COUNT)
                        : List.of(0, 24, 64, COUNT);
        for (var step = 0; step < 4; step++) {
            whole.step(optimizer, step);
            cut.drawGradient(step);
            for (var i = bounds.size() - 1; i > 0; i--) {
                var from = bounds.get(i - 1);
                var count = bounds.get(i) - from;
                var shape =
                        optimizer instanceof ElementOptimizer
                                ? Shape.of(count)
                                : LAYOUT.tensors().get(i - 1).shape();
                Steps.take(
                        optimizer,
                        step,
                        Run.rate(optimizer, step),
                        new TensorLayout(List.of(new TensorLayout.Placed(0, shape))),
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
        var expected = new OptimizerDefinitions(optimizer, LAYOUT, doubles(run.weights()));
        for (var step = 0; step < 20; step++) {
            run.drawGradient(step);
            expected.step(step, Run.rate(optimizer, step), doubles(run.gradient()));
            Steps.take(
                    optimizer,
                    step,
                    Run.rate(optimizer, step),
                    LAYOUT,
                    run.gradient(),
                    run.slots(),
                    run.weights());
        }
        for (var i = 0; i < COUNT; i++) {
            assertThat((double) Floats.get(run.weights(), i))
                    .as("weight %d, seed %d", i, SEED)
                    .isCloseTo(expected.weights()[i], within(2e-5));
        }
    }

    private static double[] doubles(MemorySegment vector) {
        return IntStream.range(0, COUNT).mapToDouble(i -> Floats.get(vector, i)).toArray();
    }

    @Test
    void theIterationHasTheBitsOfPlainLoopsOnAnyNumberOfThreads() {
        var rows = 70;
        var columns = 93;
        var random = Seeds.of(SEED, "matrix");
        var matrix = new float[rows * columns];
        for (var i = 0; i < matrix.length; i++) {
            matrix[i] = (float) random.nextGaussian();
        }
        var found = matrix.clone();
        NewtonSchulz.orthogonalize(5, 1e-7, rows, columns, found);
        assertThat((long) rows * columns * rows).isGreaterThan(Parallel.FLOATS_MIN);

        var squares = new GlobalNorm.Squares();
        squares.add(matrix.length, matrix);
        var share = (float) (1 / Math.sqrt(squares.total()));
        var x = new float[rows][columns];
        for (var i = 0; i < matrix.length; i++) {
            x[i / columns][i % columns] = matrix[i] * share;
        }
        for (var step = 0; step < 5; step++) {
            var gram = product(x, transposed(x));
            var square = product(gram, gram);
            for (var i = 0; i < rows; i++) {
                for (var j = 0; j < rows; j++) {
                    square[i][j] = 2.0315f * square[i][j] + -4.7750f * gram[i][j];
                }
            }
            var update = product(square, x);
            for (var i = 0; i < rows; i++) {
                for (var j = 0; j < columns; j++) {
                    x[i][j] = 3.4445f * x[i][j] + update[i][j];
                }
            }
        }
        for (var i = 0; i < matrix.length; i++) {
            assertThat(found[i]).as("seed %d", SEED).isEqualTo(x[i / columns][i % columns]);
        }
    }

    private static float[][] product(float[][] left, float[][] right) {
        var out = new float[left.length][right[0].length];
        for (var i = 0; i < out.length; i++) {
            for (var j = 0; j < out[i].length; j++) {
                for (var k = 0; k < right.length; k++) {
                    out[i][j] += left[i][k] * right[k][j];
                }
            }
        }
        return out;
    }

    private static float[][] transposed(float[][] matrix) {
        var out = new float[matrix[0].length][matrix.length];
        for (var i = 0; i < out.length; i++) {
            for (var j = 0; j < matrix.length; j++) {
                out[i][j] = matrix[j][i];
            }
        }
        return out;
    }
}
