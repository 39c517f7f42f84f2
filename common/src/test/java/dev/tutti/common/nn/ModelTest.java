package dev.tutti.common.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.tutti.common.kernel.Kernel;
import dev.tutti.common.kernel.PlainKernel;
import dev.tutti.common.nn.init.XavierNormal;
import dev.tutti.common.nn.init.XavierUniform;
import dev.tutti.common.nn.layer.BackwardProgress;
import dev.tutti.common.nn.layer.Layers;
import dev.tutti.common.nn.layer.PassContext;
import dev.tutti.common.nn.loss.Loss;
import dev.tutti.common.nn.loss.Mse;
import dev.tutti.common.nn.loss.SoftmaxCrossEntropy;
import dev.tutti.common.plugin.PlugInException;
import dev.tutti.common.random.Seeds;
import dev.tutti.common.vector.Elements;
import dev.tutti.common.vector.Floats;
import dev.tutti.common.vector.Precision;
import dev.tutti.common.vector.Shape;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ModelTest {
    private static final Kernel KERNEL = new PlainKernel();

    private final Arena arena = Arena.ofConfined();

    @AfterEach
    void freeMemory() {
        arena.close();
    }

    private static Model model(String layers, Shape input, int outputs) {
        return Model.of(Layers.CATALOGUE.parseList(layers), input, outputs);
    }

    @Test
    void lastDenseTakesItsUnitsFromTheData() {
        var model = model("dense(2),sigmoid,dense,sigmoid", Shape.of(3), 4);

        assertThat(model.text()).isEqualTo("dense(units=2),sigmoid,dense(units=4),sigmoid");
        assertThat(model.output()).isEqualTo(Shape.of(4));
        assertThat(model.parameterCount()).isEqualTo(3 * 2 + 2 + 2 * 4 + 4);
        assertThat(model.vectorLength()).isEqualTo(model.parameterCount());
    }

    @Test
    void parametersAreNamedAndPlacedAsInAStateDict() {
        var placed = model("dense(24),gelu,dense", Shape.of(10), 4).parameters();

        assertThat(placed)
                .extracting(Model.Placed::name)
                .containsExactly("0.weight", "0.bias", "2.weight", "2.bias");
        assertThat(placed)
                .extracting(Model.Placed::shape)
                .containsExactly(Shape.of(24, 10), Shape.of(24), Shape.of(4, 24), Shape.of(4));
        assertThat(placed).extracting(Model.Placed::offset).containsExactly(0L, 240L, 264L, 360L);
    }

    @Test
    void leadingDenseTakesAnImageAsAVector() {
        var model = model("dense(64),relu,dense", Shape.of(1, 28, 28), 10);

        assertThat(model.input()).isEqualTo(Shape.of(1, 28, 28));
        assertThat(model.parameters().getFirst().shape()).isEqualTo(Shape.of(64, 784));
    }

    @Test
    void layerThatDoesNotFitIsNamedWithItsIndexAndShape() {
        assertThatThrownBy(() -> model("relu,dense(64),dense", Shape.of(1, 28, 28), 10))
                .isInstanceOf(PlugInException.class)
                .hasMessage(
                        "layer 1 (dense(units=64)) takes a vector, found 1×28×28; put flatten in"
                                + " front");
    }

    @Test
    void denseWithoutUnitsIsRefusedAnywhereButLast() {
        assertThatThrownBy(() -> model("dense,relu,dense", Shape.of(3), 2))
                .isInstanceOf(PlugInException.class)
                .hasMessage("layer 0 (dense) needs a number of units here");
    }

    @Test
    void modelWhoseOutputsAreNotTheDatasIsRefused() {
        assertThatThrownBy(() -> model("dense(5)", Shape.of(3), 2))
                .isInstanceOf(PlugInException.class)
                .hasMessageContaining("the model gives 5 = 5 outputs, the data asks for 2");
    }

    @Test
    void startingValuesDependOnTheSeedAlone() {
        var model = model("dense(7),relu,dense", Shape.of(5), 2);

        assertThat(start(model, 1)).isEqualTo(start(model, 1)).isNotEqualTo(start(model, 2));
    }

    private float[] start(Model model, long seed) {
        var weights = Floats.allocate(arena, model.vectorLength());
        Floats.fill(Float.NaN, weights);
        model.initialize(new XavierUniform(), seed, weights);
        assertThat(Floats.allFinite(weights)).isTrue();
        return Floats.toArray(weights);
    }

    @Test
    void gradientOfTheWholeModelIsTheSlopeOfItsLoss() {
        var seed = 11L;
        var model = model("dense(6),tanh,dense(5),gelu,dense", Shape.of(2, 2), 3);
        var loss = new SoftmaxCrossEntropy();
        var workspace = filled(model, loss, 7, seed);
        var weights = Floats.allocate(arena, model.vectorLength());
        model.initialize(new XavierNormal(), seed, weights);
        var gradient = Floats.allocate(arena, model.vectorLength());
        var cost =
                model.lossAndGradient(
                        KERNEL, loss, weights, workspace, 7, PassContext.EVALUATION, gradient);

        assertThat(model.loss(KERNEL, loss, weights, workspace, 7, PassContext.EVALUATION))
                .isEqualTo(cost);
        for (var i = 0; i < model.vectorLength(); i++) {
            assertThat((double) Floats.get(gradient, i))
                    .as("weight %d, seed %d", i, seed)
                    .isCloseTo(slope(model, loss, weights, workspace, i), within(2e-3));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "dense",
                "dense(6),tanh,dense(5),gelu,dense",
                "conv2d(2,3,padding=1),batch-norm,relu,flatten,dense(5),layer-norm,relu,dense",
                "residual(conv2d(1,3,padding=1),batch-norm),relu,flatten,dense"
            })
    void whatIsToldOfTheGradientOnTheWayIsFinal(String text) {
        var seed = 12L;
        var model = model(text, Shape.of(1, 3, 4), 3);
        var loss = new SoftmaxCrossEntropy();
        var workspace = filled(model, loss, 5, seed);
        var weights = Floats.allocate(arena, model.vectorLength());
        model.initialize(new XavierNormal(), seed, weights);
        var gradient = Floats.allocate(arena, model.vectorLength());
        var told = new TreeMap<Long, float[]>(Comparator.reverseOrder());
        var costs = new HashSet<Double>();

        var cost =
                model.lossAndGradient(
                        KERNEL,
                        loss,
                        Elements.of(weights),
                        workspace,
                        5,
                        new PassContext(PassContext.Mode.TRAINING, seed, 0, row -> row),
                        Elements.of(Floats.slice(gradient, 0, model.parameterCount())),
                        Floats.slice(
                                gradient,
                                model.parameterCount(),
                                model.vectorLength() - model.parameterCount()),
                        (from, known) -> {
                            var rest = model.vectorLength() - from;
                            var range = Floats.toArray(Floats.slice(gradient, from, rest));
                            assertThat(told.put(from, range)).isNull();
                            assertThat(told.lastKey()).isEqualTo(from);
                            costs.add(known);
                        });

        var last = model.parameters().reversed().stream();
        var layers = last.filter(placed -> placed.offset() < model.parameterCount());
        assertThat(told.lastKey()).isZero();
        assertThat(told)
                .hasSizeLessThanOrEqualTo((int) layers.count())
                .hasSizeGreaterThan(text.contains("dense(5)") ? 1 : 0);
        assertThat(costs).containsExactly(cost);
        var all = Floats.toArray(gradient);
        told.forEach((from, range) ->
                assertThat(range)
                        .as("from %d, seed %d", from, seed)
                        .isEqualTo(Arrays.copyOfRange(all, Math.toIntExact(from), all.length)));
    }

    /** Every layer computes with the floats that the 16 bits stand for. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "dense(5),relu,dense",
                "conv2d(2,3,padding=1),batch-norm,relu,flatten,dense(4),layer-norm,dense",
                "residual(conv2d(1,3,padding=1),batch-norm),relu,flatten,residual(dense(12)),dense"
            })
    void vectorsOf16BitsGiveTheRoundedGradientOfTheirFloats(String text) {
        var model = model(text, Shape.of(1, 3, 4), 3);
        check16Bits(model, filled(model, new SoftmaxCrossEntropy(), 5, 13), 13);
    }

    @Test
    void anEmbeddingOf16BitsGivesTheRoundedGradientOfItsFloats() {
        var model = model("embedding(6,3),flatten,dense", Shape.of(2), 3);
        var workspace = new Workspace(arena, model, new SoftmaxCrossEntropy(), 5);
        for (var i = 0; i < 10; i++) {
            Floats.set(workspace.features(), i, i * 5 % 6);
        }
        check16Bits(model, workspace, 14);
    }

    private void check16Bits(Model model, Workspace workspace, long seed) {
        var loss = new SoftmaxCrossEntropy();
        var drawn = Floats.allocate(arena, model.vectorLength());
        model.initialize(new XavierNormal(), seed, drawn);
        var weights = Elements.allocate(arena, Precision.BF16, model.vectorLength());
        Elements.of(drawn).copyTo(weights);
        var floats = weights.floats(drawn);
        var pass = new PassContext(PassContext.Mode.TRAINING, seed, 0, row -> row);

        var expected = Floats.allocate(arena, model.vectorLength());
        var expectedCost =
                model.lossAndGradient(KERNEL, loss, floats, workspace, 5, pass, expected);
        var evaluated = model.loss(KERNEL, loss, floats, workspace, 5, PassContext.EVALUATION);

        var trained = model.parameterCount();
        var gradient = Elements.allocate(arena, Precision.BF16, trained);
        var statistics = Floats.allocate(arena, model.vectorLength() - trained);
        var cost =
                model.lossAndGradient(
                        KERNEL,
                        loss,
                        weights,
                        workspace,
                        5,
                        pass,
                        gradient,
                        statistics,
                        BackwardProgress.NONE);

        assertThat(cost).isEqualTo(expectedCost);
        assertThat(model.loss(KERNEL, loss, weights, workspace, 5, PassContext.EVALUATION))
                .isEqualTo(evaluated);
        var rounded = Elements.allocate(arena, Precision.BF16, trained);
        Elements.of(Floats.slice(expected, 0, trained)).copyTo(rounded);
        assertThat(gradient.memory().mismatch(rounded.memory())).as("seed %d", seed).isEqualTo(-1);
        assertThat(Floats.toArray(statistics))
                .isEqualTo(
                        Floats.toArray(Floats.slice(expected, trained, Floats.count(statistics))));
    }

    private static double slope(
            Model model, Loss loss, MemorySegment weights, Workspace workspace, long index) {
        var step = 0x1p-7f;
        var kept = Floats.get(weights, index);
        Floats.set(weights, index, kept + step);
        var above = model.loss(KERNEL, loss, weights, workspace, 7, PassContext.EVALUATION);
        Floats.set(weights, index, kept - step);
        var below = model.loss(KERNEL, loss, weights, workspace, 7, PassContext.EVALUATION);
        Floats.set(weights, index, kept);
        return (above - below) / (2 * step);
    }

    private Workspace filled(Model model, Loss loss, int samples, long seed) {
        var workspace = new Workspace(arena, model, loss, samples);
        var random = Seeds.of(seed, "test");
        for (var i = 0L; i < Floats.count(workspace.features()); i++) {
            Floats.set(workspace.features(), i, (float) random.nextGaussian());
        }
        for (var i = 0L; i < samples; i++) {
            Floats.set(workspace.targets(), i, random.nextInt(model.output().size()));
        }
        return workspace;
    }

    @Test
    void gradientOfNoSamplesIsZero() {
        var model = model("dense", Shape.of(3), 2);
        var workspace = new Workspace(arena, model, new Mse(), 4);
        var weights = Floats.allocate(arena, model.vectorLength());
        var gradient = Floats.allocate(arena, model.vectorLength());
        Floats.fill(Float.NaN, gradient);

        var cost =
                model.lossAndGradient(
                        KERNEL, new Mse(), weights, workspace, 0, PassContext.EVALUATION, gradient);

        assertThat(cost).isZero();
        assertThat(Floats.toArray(gradient)).containsOnly(0f);
    }

    @Test
    void outputsCanBeReadAfterAPassOverFewerSamplesThanFit() {
        var model = model("dense(2)", Shape.of(2), 2);
        var workspace = new Workspace(arena, model, new Mse(), 5);
        var weights = Floats.of(arena, 1, 2, 3, 4, 10, 20);
        Floats.copy(Floats.of(arena, 1, 1, 2, 0), workspace.features());

        var outputs = model.predict(KERNEL, weights, workspace, 2);

        assertThat(Floats.toArray(outputs)).containsExactly(13, 27, 12, 26);
        assertThat(Floats.toArray(workspace.outputs(2))).containsExactly(13, 27, 12, 26);
    }

    @Test
    void vectorOfAnotherLengthIsRefused() {
        var model = model("dense(2)", Shape.of(2), 2);
        var workspace = new Workspace(arena, model, new Mse(), 5);

        assertThatThrownBy(() -> model.predict(KERNEL, Floats.of(arena, 1f, 2f), workspace, 2))
                .hasMessage("the model has 6 floats, the vector 2");
    }

    @Test
    void moreSamplesThanFitAreRefused() {
        var model = model("dense(2)", Shape.of(2), 2);
        var workspace = new Workspace(arena, model, new Mse(), 5);
        var weights = Floats.allocate(arena, model.vectorLength());

        assertThatThrownBy(() -> model.predict(KERNEL, weights, workspace, 6))
                .hasMessage("the workspace takes 0 to 5 samples, found 6");
    }

    @Test
    void emptyModelIsRefused() {
        assertThatThrownBy(() -> Model.of(List.of(), Shape.of(2), 2))
                .isInstanceOf(PlugInException.class)
                .hasMessageContaining("at least one layer");
    }
}
