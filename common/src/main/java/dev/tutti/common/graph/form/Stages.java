package dev.tutti.common.graph.form;

import dev.tutti.common.graph.Expression;
import dev.tutti.common.graph.GraphBuilder;
import dev.tutti.common.nn.layer.Layer;
import dev.tutti.common.nn.layer.PassContext;
import dev.tutti.common.vector.Shape;
import java.util.ArrayList;
import java.util.List;

/** Layers one behind the other in a graph: the body of a model, or of a block inside it. */
final class Stages {
    private Stages() {}

    /**
     * Returns the stages of {@code layers}.
     *
     * @param shape of one sample before the first layer
     * @param parameters those of all layers, in declared order
     * @param outer the number of what the layers stand in, 0 for a model
     */
    static List<Stage> of(
            GraphBuilder builder,
            List<Layer> layers,
            Shape shape,
            List<List<Expression>> parameters,
            PassContext pass,
            long outer,
            Rows in) {
        var stages = new ArrayList<Stage>();
        var rows = in;
        var input = shape;
        var first = 0;
        for (var layer : layers) {
            var behind = first + layer.parameters(input).size();
            var number = (outer << 12) | (stages.size() + 1);
            var output = layer.outputShape(input);
            var own = parameters.subList(first, behind);
            var place = new LayerPlace(builder, input, output, own, pass, number);
            rows = LayerForms.output(layer, place, rows);
            stages.add(new Stage(layer, place, rows));
            input = output;
            first = behind;
        }
        return List.copyOf(stages);
    }
}
