package dev.tutti.common.graph.check;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tutti.common.graph.Batches;
import dev.tutti.common.graph.Expression;
import dev.tutti.common.graph.ModelExample;
import dev.tutti.common.graph.Partials;
import dev.tutti.common.graph.ReverseMode;
import dev.tutti.common.graph.check.Broken.BrokenLoss;
import dev.tutti.common.graph.check.GradientReport.Comparison;
import dev.tutti.common.graph.check.GradientReport.Method;
import dev.tutti.common.graph.form.ModelGraph;
import dev.tutti.common.kernel.PlainKernel;
import dev.tutti.common.nn.Model;
import dev.tutti.common.nn.Zoo;
import dev.tutti.common.nn.init.Parameter;
import dev.tutti.common.nn.layer.Dense;
import dev.tutti.common.nn.layer.Layer;
import dev.tutti.common.nn.layer.Layers;
import dev.tutti.common.nn.layer.PassContext;
import dev.tutti.common.nn.layer.Relu;
import dev.tutti.common.nn.loss.Loss;
import dev.tutti.common.nn.loss.Quadratic;
import dev.tutti.common.nn.loss.SoftmaxCrossEntropy;
import dev.tutti.common.vector.Floats;
import dev.tutti.common.vector.Shape;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class GradientCheckTest {
    private static final long SEED = 20261122;

    private final Arena arena = Arena.ofConfined();

    @AfterEach
    void freeMemory() {
        arena.close();
    }

    static Stream<ModelExample> examples() {
        return Stream.concat(ModelExample.LAYERS.stream(), ModelExample.LOSSES.stream());
    }

    @Test
    void everyLayerOfTheCatalogueHasAnExample() {
        assertThat(ModelExample.LAYERS)
                .as("a new layer needs a graph form in LayerForms and an example here")
                .extracting(ModelExample::plugIn)
                .containsAll(Layers.CATALOGUE.names());
    }

    @ParameterizedTest
    @MethodSource("examples")
    void backpropAgreesWithThreeOracles(ModelExample example) {
        for (var seed = SEED; seed < SEED + 3; seed++) {
            var report = example.draw(arena, seed).check();
            assertThat(report.passes()).as("seed %d%n%s", seed, report.text()).isTrue();
            for (var method : Method.values()) {
                assertThat(report.comparisons())
                        .as("seed %d", seed)
                        .anyMatch(c -> c.method() == method && c.compared() > 0);
            }
        }
    }

    static List<String> zoo() {
        return Zoo.names();
    }

    @ParameterizedTest
    @MethodSource("zoo")
    void backpropAgreesInEveryModelOfTheZoo(String name) {
        var input = name.equals("lenet5") ? Shape.of(1, 12, 12) : Shape.of(1, 4, 4);
        var model = Model.of(Zoo.layers(name), input, 3);
        var batch = Batches.draw(arena, model, new SoftmaxCrossEntropy(), SEED);
        var gradient = Floats.allocate(arena, model.vectorLength());
        var cost =
                model.lossAndGradient(
                        new PlainKernel(),
                        batch.loss(),
                        batch.weights(),
                        batch.workspace(),
                        batch.samples(),
                        batch.pass(),
                        gradient);
        // One weight of each parameter for the slow oracles: what they find is not about the zoo.
        var report = GradientCheck.compare(batch.graph(), cost, gradient, SEED, 0);
        assertThat(report.passes()).as(report.text()).isTrue();
    }

    @Test
    void runningStatisticsAreConstantsInAnEvaluation() {
        var batch =
                Batches.draw(
                                arena,
                                "dense(6),batch-norm,dropout(0.5),dense(3)",
                                Shape.of(5),
                                3,
                                "mse",
                                SEED)
                        .in(PassContext.EVALUATION);
        var report = batch.check();
        assertThat(report.passes()).as(report.text()).isTrue();
        assertThat(report.comparisons())
                .extracting(Comparison::parameter)
                .contains("1.weight")
                .doesNotContain("1.running_mean", "1.running_var");
        assertThat(Partials.of(batch.graph().reverse().gradient()))
                .as("nothing cancels as it does in training")
                .doesNotContain(0);
    }

    @ParameterizedTest
    @MethodSource("examples")
    void aDerivativeThatIsOnePercentOffIsFound(ModelExample example) {
        var batch = example.draw(arena, SEED);
        var oracle = batch.graph();
        for (var mutant : mutants(oracle)) {
            var report = compare(batch, oracle, mutant, batch.loss());
            assertThat(report.passes()).as("%s%n%s", mutant, report.text()).isFalse();
        }
        var report = compare(batch, oracle, batch.model().layers(), new BrokenLoss(batch.loss()));
        assertThat(report.passes()).as(report.text()).isFalse();
    }

    private GradientReport compare(
            Batches batch, ModelGraph oracle, List<Layer> layers, Loss loss) {
        var model = Model.of(layers, batch.model().input(), batch.model().output().size());
        var gradient = Floats.allocate(arena, model.vectorLength());
        var workspace = Batches.copy(arena, model, loss, batch.workspace());
        var cost =
                model.lossAndGradient(
                        new PlainKernel(),
                        loss,
                        batch.weights(),
                        workspace,
                        batch.samples(),
                        batch.pass(),
                        gradient);
        // Backprop alone is broken, so the slow oracles may look at one weight each.
        return GradientCheck.compare(oracle, cost, gradient, batch.seed(), 0);
    }

    /** Returns the model with each derivative broken in turn, where breaking it makes a change. */
    private static List<List<Layer>> mutants(ModelGraph oracle) {
        var gradient = oracle.reverse();
        var mutants = new ArrayList<List<Layer>>();
        var trainedBefore = false;
        for (var i = 0; i < oracle.stages().size(); i++) {
            var stage = oracle.stages().get(i);
            if (trainedBefore) {
                mutants.add(mutant(oracle.model().layers(), i, Broken.INPUT));
            }
            var declared = stage.layer().parameters(stage.place().input());
            for (var p = 0; p < declared.size(); p++) {
                var trained = declared.get(p).kind() == Parameter.Kind.TRAINED;
                trainedBefore |= trained;
                if (trained && isSteep(gradient, stage.place().parameters().get(p))) {
                    mutants.add(mutant(oracle.model().layers(), i, p));
                }
            }
        }
        assertThat(mutants).isNotEmpty();
        return mutants;
    }

    /** Tells whether a percent of a gradient is more than rounding; normalised away, it is not. */
    private static boolean isSteep(ReverseMode gradient, List<Expression> parameter) {
        return parameter.stream().anyMatch(e -> Math.abs(gradient.gradient(e)) > 1e-6);
    }

    private static List<Layer> mutant(List<Layer> layers, int index, int parameter) {
        var mutant = new ArrayList<>(layers);
        mutant.set(index, new Broken(layers.get(index), parameter));
        return mutant;
    }

    @Test
    void aNaNInTheGradientIsTheWorstEntry() {
        var batch = ModelExample.LAYERS.getFirst().draw(arena, SEED);
        var oracle = batch.graph();
        var gradient = exact(oracle);
        assertThat(compared(oracle, gradient).passes()).isTrue();
        Floats.set(gradient, 7, Float.NaN);
        var report = compared(oracle, gradient);
        assertThat(report.passes()).isFalse();
        var worst = report.worst().orElseThrow();
        assertThat(worst.parameter()).isEqualTo("0.weight");
        assertThat(worst.index()).hasToString("[1,2]");
        assertThat(worst.relativeError()).isInfinite();
        assertThat(report.text())
                .contains(
                        "1 of 12 differ; the worst: 0.weight[1,2] in layer 0 (dense(units=4)),"
                                + " backprop NaN");
    }

    @Test
    void theWorstEntryIsTheOneThatIsOff() {
        var oracle = ModelExample.LAYERS.getFirst().draw(arena, SEED).graph();
        var gradient = exact(oracle);
        var index = (int) oracle.model().parameters().get(3).offset() + 2;
        Floats.set(gradient, index, 1.5f * Floats.get(gradient, index));
        var worst = compared(oracle, gradient).worst().orElseThrow();
        assertThat(worst.parameter()).isEqualTo("1.bias");
        assertThat(worst.layer()).isEqualTo(1);
        assertThat(worst.index()).hasToString("[2]");
        assertThat(worst.method()).isEqualTo(Method.BACKPROP);
        assertThat(worst.found()).isEqualTo(Floats.get(gradient, index));
        assertThat(worst.relativeError()).isBetween(0.333, 0.334);
    }

    private MemorySegment exact(ModelGraph oracle) {
        var gradient = Floats.allocate(arena, oracle.model().vectorLength());
        var partials = Partials.of(oracle.reverse().gradient());
        for (var i = 0; i < partials.length; i++) {
            Floats.set(gradient, i, (float) partials[i]);
        }
        return gradient;
    }

    private static GradientReport compared(ModelGraph oracle, MemorySegment gradient) {
        return GradientCheck.compare(oracle, oracle.reverse().gradient().value(), gradient, SEED);
    }

    @Test
    void aCostThatDiffersFails() {
        var oracle = ModelExample.LAYERS.getFirst().draw(arena, SEED).graph();
        var cost = 1.01 * oracle.reverse().gradient().value();
        var report = GradientCheck.compare(oracle, cost, exact(oracle), SEED);
        assertThat(report.passes()).isFalse();
        assertThat(report.text()).contains(": WRONG\n").contains("the costs differ");
    }

    @Test
    void theSameSeedSamplesTheSameWeights() {
        var batch = Batches.draw(arena, "dense(9),tanh,dense(3)", Shape.of(9), 3, "mse", SEED);
        assertThat(batch.check()).isEqualTo(batch.check());
        assertThat(batch.check().comparisons())
                .filteredOn(c -> c.method() != Method.BACKPROP)
                .allMatch(c -> c.compared() <= GradientCheck.SAMPLED_MAX)
                .extracting(Comparison::compared)
                .contains(GradientCheck.SAMPLED_MAX, 9, 3);
    }

    @Test
    void aLayerWithoutGraphFormIsNamed() {
        var layers = List.<Layer>of(Dense.of(2), new Broken(new Relu(), -1));
        var model = Model.of(layers, Shape.of(2), 2);
        assertThatThrownBy(() -> Batches.draw(arena, model, new Quadratic(), SEED).graph())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("layer Broken has no graph form; add one to LayerForms");
    }

    @Test
    void aNumberOutsideAnEmbeddingIsNamed() {
        var batch =
                Batches.draw(arena, "embedding(5,2),flatten,dense", Shape.of(3), 2, "mse", SEED);
        Floats.set(batch.workspace().features(), 1, 5f);
        assertThatThrownBy(batch::graph)
                .hasMessage("the embedding expected a whole number from 0 to 4, found 5.0");
    }

    @Test
    void aLossWithoutGraphFormIsNamed() {
        var model = Model.of(List.of(Dense.of(2)), Shape.of(2), 2);
        var loss = new BrokenLoss(new Quadratic());
        assertThatThrownBy(() -> Batches.draw(arena, model, loss, SEED).graph())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("loss BrokenLoss has no graph form; add one to LossForms");
    }

    @Test
    void theTableNamesEveryParameterAndEndsWithTheVerdict() {
        var report = ModelExample.LAYERS.getFirst().draw(arena, SEED).check();
        var lines = report.text().lines().toList();
        assertThat(lines.get(0)).isEqualTo("model  dense(units=4),dense(units=3)");
        assertThat(lines.get(4)).startsWith("layer").endsWith("rel. error");
        assertThat(lines).filteredOn(line -> line.endsWith("  ok")).hasSize(12);
        assertThat(lines.getLast()).startsWith("all agree; the worst: ");
    }
}
