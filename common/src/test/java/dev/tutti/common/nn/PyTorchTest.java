package dev.tutti.common.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.tutti.common.kernel.PlainKernel;
import dev.tutti.common.nn.PyTorchCases.Case;
import dev.tutti.common.nn.PyTorchCases.Line;
import dev.tutti.common.nn.init.Parameter;
import dev.tutti.common.nn.layer.LayerCall;
import dev.tutti.common.nn.layer.Layers;
import dev.tutti.common.nn.layer.PassContext;
import dev.tutti.common.nn.layer.ShardedBatch;
import dev.tutti.common.nn.loss.Losses;
import dev.tutti.common.nn.loss.Quadratic;
import dev.tutti.common.vector.Elements;
import dev.tutti.common.vector.Floats;
import dev.tutti.common.vector.Shape;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Layers, losses and models against what PyTorch computes. */
class PyTorchTest {
    private static final float TOLERANCE = 1e-4f;

    private final Arena arena = Arena.ofConfined();

    @AfterEach
    void freeMemory() {
        arena.close();
    }

    static List<Case> layers() {
        return PyTorchCases.read(PyTorchTest.class, "pytorch-layers.txt", "layer");
    }

    static List<Case> losses() {
        return PyTorchCases.read(PyTorchTest.class, "pytorch-losses.txt", "loss");
    }

    static List<Case> models() {
        return PyTorchCases.read(PyTorchTest.class, "pytorch-models.txt", "model");
    }

    @Test
    void everyLayerAndLossHasACase() {
        // PyTorch draws dropout's mask from its own generator: nothing to compare.
        var names = new ArrayList<>(Layers.CATALOGUE.names());
        names.remove("dropout");
        assertThat(layers().stream().map(PyTorchTest::name).distinct())
                .containsExactlyInAnyOrderElementsOf(names);
        assertThat(losses().stream().map(PyTorchTest::name).distinct())
                .containsExactlyInAnyOrderElementsOf(Losses.CATALOGUE.names());
        assertThat(models().stream().map(PyTorchTest::name))
                .containsExactlyInAnyOrderElementsOf(Zoo.names());
    }

    private static String name(Case expected) {
        return expected.lines().getFirst().values().replaceAll("\\(.*", "");
    }

    @ParameterizedTest
    @MethodSource("layers")
    void layerComputesTheSame(Case expected) {
        var layer = Layers.CATALOGUE.parse(expected.line("layer").values());
        var input = expected.line("input").shape();
        var output = layer.outputShape(input);
        var in = expected.line("in").floats();
        var samples = in.length / input.size();
        var parameters = layer.parameters(input);
        assertThat(output).isEqualTo(expected.line("output").shape());
        assertThat(parameters)
                .extracting(Parameter::name)
                .containsExactlyElementsOf(
                        expected.under("shape:").stream().map(Line::key).toList());
        assertThat(parameters)
                .extracting(Parameter::shape)
                .containsExactlyElementsOf(
                        expected.under("shape:").stream().map(Line::shape).toList());
        var call =
                new LayerCall(
                        new PlainKernel(),
                        pass(expected),
                        1,
                        input,
                        output,
                        samples,
                        Elements.of(values(expected, parameters, Parameter.Kind.TRAINED)),
                        values(expected, parameters, Parameter.Kind.STATISTIC),
                        Elements.of(vector(parameters, Parameter.Kind.TRAINED)),
                        vector(parameters, Parameter.Kind.STATISTIC),
                        Floats.allocate(arena, layer.scratchFloats(input, samples)),
                        true);
        var features = Floats.of(arena, in);
        var out = Floats.allocate(arena, (long) samples * output.size());
        var inGradient = Floats.allocate(arena, in.length);

        layer.forward(call, features, out);
        assertClose("output", out, expected.line("out"));
        var outGradient = Floats.of(arena, expected.line("out-gradient").floats());
        layer.backward(call, features, out, outGradient, inGradient);

        assertClose("input gradient", inGradient, expected.line("in-gradient"));
        assertGradients(expected, parameters, call);
        assertStatistics(expected, parameters, call);
    }

    /** PyTorch's SyncBatchNorm gives on a cut batch what BatchNorm gives on all of it. */
    @ParameterizedTest
    @MethodSource("batchNorms")
    void batchNormOverABatchThatIsCutComputesTheSame(Case expected) {
        var text = expected.line("layer").values();
        var over = text.endsWith(")") ? text.replace(")", ",over=batch)") : text + "(over=batch)";
        var input = expected.line("input").shape();
        var model = Model.of(Layers.CATALOGUE.parseList(over), input, input.size());
        var weights = Floats.allocate(arena, model.vectorLength());
        var trained = values(expected, parametersOf(model), Parameter.Kind.TRAINED);
        var statistics = values(expected, parametersOf(model), Parameter.Kind.STATISTIC);
        Floats.copy(trained, Floats.slice(weights, 0, Floats.count(trained)));
        Floats.copy(
                statistics,
                Floats.slice(weights, model.parameterCount(), Floats.count(statistics)));
        for (var shards = 1; shards <= 4; shards++) {
            var found = train(expected, model, weights, shards);
            assertGradient(expected, model, found);
        }
    }

    static List<Case> batchNorms() {
        return layers().stream()
                .filter(expected -> name(expected).equals("batch-norm"))
                .filter(expected -> expected.line("mode").values().equals("training"))
                .toList();
    }

    private static List<Parameter> parametersOf(Model model) {
        return model.layers().getFirst().parameters(model.input());
    }

    /** The cost (out − target)²/2 has at these targets the slope that PyTorch's case goes by. */
    private double[] train(Case expected, Model model, MemorySegment weights, int shards) {
        var out = expected.line("out").floats();
        var slope = expected.line("out-gradient").floats();
        var targets = new float[out.length];
        for (var i = 0; i < out.length; i++) {
            targets[i] = out[i] - slope[i];
        }
        var features = expected.line("in").floats();
        return new ShardedBatch(arena, model, new Quadratic(), weights, features, targets, shards)
                .train()
                .gradient();
    }

    private static void assertGradient(Case expected, Model model, double[] found) {
        var samples = expected.line("in").floats().length / model.input().size();
        for (var placed : model.parameters()) {
            var key = placed.name().substring(2);
            var trained = placed.parameter().kind() == Parameter.Kind.TRAINED;
            var right = expected.line((trained ? "gradient:" : "after:") + key).floats();
            var before = expected.line("value:" + key).floats();
            for (var i = 0; i < right.length; i++) {
                var moved = found[(int) placed.offset() + i];
                assertThat((float) (trained ? moved : before[i] + moved / samples))
                        .as("%s %d", key, i)
                        .isCloseTo(right[i], within(TOLERANCE * (1 + Math.abs(right[i]))));
            }
        }
    }

    private static PassContext pass(Case expected) {
        var mode =
                PassContext.Mode.valueOf(expected.line("mode").values().toUpperCase(Locale.ROOT));
        return new PassContext(mode, 1, 1, row -> row);
    }

    private MemorySegment vector(List<Parameter> parameters, Parameter.Kind kind) {
        return Floats.allocate(
                arena,
                parameters.stream()
                        .filter(parameter -> parameter.kind() == kind)
                        .mapToLong(parameter -> parameter.shape().size())
                        .sum());
    }

    private MemorySegment values(Case expected, List<Parameter> parameters, Parameter.Kind kind) {
        var vector = vector(parameters, kind);
        var offset = 0L;
        for (var parameter : parameters) {
            if (parameter.kind() == kind) {
                var values = Floats.of(arena, expected.line("value:" + parameter.name()).floats());
                Floats.copy(values, Floats.slice(vector, offset, parameter.shape().size()));
                offset += parameter.shape().size();
            }
        }
        return vector;
    }

    private static void assertGradients(Case expected, List<Parameter> parameters, LayerCall call) {
        var offset = 0L;
        for (var parameter : parameters) {
            if (parameter.kind() == Parameter.Kind.TRAINED) {
                var size = parameter.shape().size();
                assertClose(
                        "gradient of " + parameter.name(),
                        Floats.slice(call.gradient(), offset, size),
                        expected.line("gradient:" + parameter.name()));
                offset += size;
            }
        }
    }

    /** A step adds the mean of what the samples ask for. */
    private static void assertStatistics(
            Case expected, List<Parameter> parameters, LayerCall call) {
        Floats.divide(call.samples(), call.statisticSums());
        Floats.add(call.statisticSums(), call.statistics());
        var offset = 0L;
        for (var parameter : parameters) {
            if (parameter.kind() == Parameter.Kind.STATISTIC) {
                var size = parameter.shape().size();
                assertClose(
                        parameter.name() + " afterwards",
                        Floats.slice(call.statistics(), offset, size),
                        expected.line("after:" + parameter.name()));
                offset += size;
            }
        }
    }

    private static void assertClose(String what, MemorySegment found, Line expected) {
        assertThat(Floats.toArray(found))
                .as(what)
                .containsExactly(expected.floats(), within(TOLERANCE));
    }

    @ParameterizedTest
    @MethodSource("losses")
    void lossComputesTheSame(Case expected) {
        var loss = Losses.CATALOGUE.parse(expected.line("loss").values());
        var width = Integer.parseInt(expected.line("width").values());
        var output = Floats.of(arena, expected.line("output").floats());
        var target = Floats.of(arena, expected.line("target").floats());
        var gradient = Floats.allocate(arena, Floats.count(output));
        var samples = (int) (Floats.count(output) / width);

        var cost = loss.cost(samples, width, output, target, gradient);

        assertThat((float) cost).isCloseTo(expected.line("cost").floats()[0], within(TOLERANCE));
        assertClose("gradient", gradient, expected.line("gradient"));
    }

    @ParameterizedTest
    @MethodSource("models")
    void modelOfTheZooHasTheSameStateNamesAndShapes(Case expected) {
        var model = Model.of(Zoo.layers(expected.line("model").values()), Shape.of(1, 28, 28), 10);
        var shapes = expected.under("shape:");

        assertThat(model.parameters())
                .extracting(Model.Placed::name)
                .containsExactlyInAnyOrderElementsOf(shapes.stream().map(Line::key).toList());
        for (var shape : shapes) {
            assertThat(model.parameters())
                    .filteredOn(placed -> placed.name().equals(shape.key()))
                    .extracting(Model.Placed::shape)
                    .containsExactly(shape.shape());
        }
    }
}
