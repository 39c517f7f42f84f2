package dev.tutti.common.graph.form;

import static dev.tutti.common.nn.init.Parameter.Kind.TRAINED;

import dev.tutti.common.graph.Expression;
import dev.tutti.common.graph.Graph;
import dev.tutti.common.graph.GraphBuilder;
import dev.tutti.common.graph.ReverseMode;
import dev.tutti.common.nn.Model;
import dev.tutti.common.nn.Workspace;
import dev.tutti.common.nn.layer.Dense;
import dev.tutti.common.nn.layer.Layer;
import dev.tutti.common.nn.layer.PassContext;
import dev.tutti.common.nn.loss.Loss;
import dev.tutti.common.vector.Floats;
import dev.tutti.common.vector.Shape;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * A model's loss on one small batch as a graph: Σ C_i as a function of the trained parameters.
 *
 * <p>Shares with the model the layers' records and their shapes, and no arithmetic: it is built
 * from {@link LayerForms} and {@link LossForms} over doubles. Variable i of the graph is float i of
 * the model's flat vector; samples and statistics are constants.
 */
public final class ModelGraph {
    private final Model model;
    private final Loss loss;
    private final Graph graph;
    private final double[] point;
    private final Rows input;
    private final List<Stage> stages;

    private ModelGraph(
            Model model, Loss loss, Graph graph, double[] point, Rows input, List<Stage> stages) {
        this.model = model;
        this.loss = loss;
        this.graph = graph;
        this.point = point;
        this.input = input;
        this.stages = stages;
    }

    /**
     * Returns the graph of what {@link Model#lossAndGradient} computes from the same arguments.
     *
     * @param weights the flat vector
     * @param workspace holds the batch
     * @param samples rows of the workspace, at least 1
     * @throws IllegalArgumentException if a layer or the loss has no graph form, or the graph would
     *     be larger than memory can hold
     */
    public static ModelGraph of(
            Model model,
            Loss loss,
            MemorySegment weights,
            Workspace workspace,
            int samples,
            PassContext pass) {
        if (samples < 1) {
            throw new IllegalArgumentException("a graph needs at least 1 sample, got " + samples);
        }
        var builder = new GraphBuilder();
        var parameters = parameters(builder, model, weights);
        var input =
                rows(workspace.features(), samples, model.input().size()).stream()
                        .map(row -> row.stream().map(builder::constant).toList())
                        .toList();
        var rows = new Rows(input);
        var shape = shapeOfFirst(model);
        var stages =
                Stages.of(
                        builder,
                        model.layers(),
                        shape,
                        inDeclaredOrder(model.layers(), shape, parameters),
                        pass,
                        0,
                        rows);
        var output = cost(loss, stages.getLast().out(), workspace, samples);
        return new ModelGraph(
                model, loss, builder.build(output), point(model, weights), rows, stages);
    }

    /** A leading dense layer takes a sample of any shape as a vector. */
    private static Shape shapeOfFirst(Model model) {
        return model.layers().getFirst() instanceof Dense
                ? Shape.of(model.input().size())
                : model.input();
    }

    private static Map<String, List<Expression>> parameters(
            GraphBuilder builder, Model model, MemorySegment weights) {
        var byName = new HashMap<String, List<Expression>>();
        for (var placed : model.parameters()) {
            var elements = new ArrayList<Expression>();
            for (var i = 0; i < placed.shape().size(); i++) {
                elements.add(
                        placed.parameter().kind() == TRAINED
                                ? builder.variable()
                                : builder.constant(Floats.get(weights, placed.offset() + i)));
            }
            byName.put(placed.name(), elements);
        }
        return byName;
    }

    private static List<List<Expression>> inDeclaredOrder(
            List<Layer> layers, Shape first, Map<String, List<Expression>> byName) {
        var ordered = new ArrayList<List<Expression>>();
        var shape = first;
        for (var i = 0; i < layers.size(); i++) {
            for (var parameter : layers.get(i).parameters(shape)) {
                var name = i + "." + parameter.name();
                ordered.add(Objects.requireNonNull(byName.get(name), name));
            }
            shape = layers.get(i).outputShape(shape);
        }
        return ordered;
    }

    private static Expression cost(Loss loss, Rows outputs, Workspace workspace, int samples) {
        var targets = rows(workspace.targets(), samples, workspace.targetWidth());
        var costs = new ArrayList<Expression>();
        for (var i = 0; i < samples; i++) {
            costs.add(LossForms.cost(loss, outputs.samples().get(i), targets.get(i)));
        }
        return Expression.sum(costs);
    }

    private static List<List<Double>> rows(MemorySegment vector, int count, int width) {
        var rows = new ArrayList<List<Double>>();
        for (var row = 0; row < count; row++) {
            var values = new ArrayList<Double>();
            for (var i = 0; i < width; i++) {
                values.add((double) Floats.get(vector, (long) row * width + i));
            }
            rows.add(values);
        }
        return rows;
    }

    private static double[] point(Model model, MemorySegment weights) {
        var point = new double[Math.toIntExact(model.parameterCount())];
        for (var i = 0; i < point.length; i++) {
            point[i] = Floats.get(weights, i);
        }
        return point;
    }

    /** Returns the model. */
    public Model model() {
        return model;
    }

    /** Returns the loss. */
    public Loss loss() {
        return loss;
    }

    /** Returns the graph, its output Σ C_i. */
    public Graph graph() {
        return graph;
    }

    /** Returns a copy of the model's weights, the values of the graph's variables. */
    public double[] point() {
        return point.clone();
    }

    /** Sweeps once in reverse mode: the derivative with respect to every weight. */
    public ReverseMode reverse() {
        return ReverseMode.sweep(graph, point);
    }

    public Rows input() {
        return input;
    }

    public List<Stage> stages() {
        return stages;
    }
}
