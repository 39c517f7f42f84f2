package dev.tutti.common.graph.form;

import dev.tutti.common.graph.Expression;
import dev.tutti.common.graph.GraphBuilder;
import dev.tutti.common.nn.layer.PassContext;
import dev.tutti.common.vector.Shape;
import java.util.List;

/**
 * Where a layer stands in a graph: all that its form gets besides the activations.
 *
 * @param builder for constants
 * @param input shape of one sample before the layer
 * @param output shape of one sample after it
 * @param parameters its parameters in declared order: variables if trained, constants if statistics
 * @param pass mode, seed, step and samples
 * @param layer the layer's number in its pass, as in {@link dev.tutti.common.nn.layer.LayerCall}
 */
public record LayerPlace(
        GraphBuilder builder,
        Shape input,
        Shape output,
        List<List<Expression>> parameters,
        PassContext pass,
        long layer) {}
