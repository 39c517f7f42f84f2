package dev.tutti.common.trace;

import dev.tutti.common.graph.Expression;
import dev.tutti.common.graph.ForwardMode;
import dev.tutti.common.graph.ReverseMode;
import dev.tutti.common.graph.form.ModelGraph;
import dev.tutti.common.graph.form.Stage;
import dev.tutti.common.nn.Model;
import dev.tutti.common.nn.Workspace;
import dev.tutti.common.nn.init.Parameter;
import dev.tutti.common.nn.layer.Layer;
import dev.tutti.common.nn.layer.PassContext;
import dev.tutti.common.nn.loss.Loss;
import dev.tutti.common.vector.Floats;
import dev.tutti.common.vector.Shape;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * The worked example for a reader: one sample's way through a model and back, every number of it.
 *
 * @param model its canonical text
 * @param loss the loss
 * @param sample the dataset's index of the sample
 * @param input the sample
 * @param layers each layer's numbers
 * @param target the label, or the values
 * @param cost C
 * @param effort what the derivatives took
 */
public record Trace(
        String model,
        Loss loss,
        long sample,
        List<Double> input,
        List<LayerTrace> layers,
        List<Double> target,
        double cost,
        Effort effort) {
    /**
     * A number of the forward pass and its derivative of the backward pass.
     *
     * @param value the number
     * @param gradient ∂C/∂value
     */
    public record Flow(double value, double gradient) {}

    /**
     * A layer's numbers.
     *
     * @param index its place in the model
     * @param layer what stands there
     * @param input shape before it
     * @param output shape after it
     * @param parameters its trained parameters, in declared order
     * @param outputs what it gives: z of a dense layer, whose gradient is δ; a of an activation
     */
    public record LayerTrace(
            int index,
            Layer layer,
            Shape input,
            Shape output,
            List<ParameterTrace> parameters,
            List<Flow> outputs) {
        /** Copies the lists. */
        public LayerTrace {
            parameters = List.copyOf(parameters);
            outputs = List.copyOf(outputs);
        }
    }

    /**
     * A parameter's numbers.
     *
     * @param name as in the layer's declaration
     * @param shape as there
     * @param elements in row-major order
     */
    public record ParameterTrace(String name, Shape shape, List<Flow> elements) {
        /** Copies the list. */
        public ParameterTrace {
            elements = List.copyOf(elements);
        }
    }

    /**
     * How many local derivatives each mode evaluates for the derivative by every weight.
     *
     * @param weights trained weights: the sweeps that forward mode takes
     * @param reverse in reverse mode's one sweep
     * @param forward in all sweeps of forward mode
     */
    public record Effort(int weights, long reverse, long forward) {}

    /** Copies the lists. */
    public Trace {
        input = List.copyOf(input);
        layers = List.copyOf(layers);
        target = List.copyOf(target);
    }

    /**
     * Traces the first row of the workspace.
     *
     * @param weights the flat vector
     * @throws IllegalArgumentException if a layer or the loss has no graph form, or the graph would
     *     be larger than memory can hold
     */
    public static Trace of(
            Model model, Loss loss, MemorySegment weights, Workspace workspace, PassContext pass) {
        var graph = ModelGraph.of(model, loss, weights, workspace, 1, pass);
        var sweep = graph.reverse();
        var layers = new ArrayList<LayerTrace>();
        for (var stage : graph.stages()) {
            layers.add(layer(layers.size(), stage, sweep));
        }
        return new Trace(
                model.text(),
                loss,
                pass.sampleAt().applyAsLong(0),
                graph.input().samples().getFirst().stream().map(sweep::value).toList(),
                layers,
                target(workspace),
                sweep.gradient().value(),
                effort(graph, sweep));
    }

    private static LayerTrace layer(int index, Stage stage, ReverseMode sweep) {
        var place = stage.place();
        var declared = stage.layer().parameters(place.input());
        var parameters = new ArrayList<ParameterTrace>();
        for (var i = 0; i < declared.size(); i++) {
            if (declared.get(i).kind() == Parameter.Kind.TRAINED) {
                parameters.add(
                        new ParameterTrace(
                                declared.get(i).name(),
                                declared.get(i).shape(),
                                flows(place.parameters().get(i), sweep)));
            }
        }
        return new LayerTrace(
                index,
                stage.layer(),
                place.input(),
                place.output(),
                parameters,
                flows(stage.out().samples().getFirst(), sweep));
    }

    private static List<Flow> flows(List<Expression> expressions, ReverseMode sweep) {
        return expressions.stream()
                .map(node -> new Flow(sweep.value(node), sweep.gradient(node)))
                .toList();
    }

    private static List<Double> target(Workspace workspace) {
        var target = new ArrayList<Double>();
        for (var i = 0; i < workspace.targetWidth(); i++) {
            target.add((double) Floats.get(workspace.targets(), i));
        }
        return target;
    }

    /** Counts one of forward mode's sweeps: all evaluate the same edges. */
    private static Effort effort(ModelGraph graph, ReverseMode reverse) {
        var weights = graph.graph().variableCount();
        var sweep =
                weights == 0
                        ? 0
                        : ForwardMode.sweep(graph.graph(), 0, graph.point())
                                .derivativeEvaluations();
        return new Effort(weights, reverse.gradient().derivativeEvaluations(), weights * sweep);
    }
}
