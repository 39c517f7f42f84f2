package dev.tutti.common.graph;

import dev.tutti.common.graph.Node.Constant;
import dev.tutti.common.graph.Node.Variable;

/**
 * Forward mode: dual values from the variables to the output, one sweep for each variable (Wengert
 * 1964).
 *
 * <p>Each node holds its value and ∂node/∂variable. A sweep costs as much as reverse mode's only
 * one, but says what a single variable does: n variables take n sweeps.
 */
public final class ForwardMode {
    /**
     * The outcome of one sweep.
     *
     * @param value the output
     * @param partial ∂output/∂variable
     * @param derivativeEvaluations local derivatives evaluated
     */
    public record Dual(double value, double partial, long derivativeEvaluations) {}

    private final Graph graph;
    private final double[] values;
    private final double[] tangents;
    private final Operands operands;
    private long derivativeEvaluations;

    private ForwardMode(Graph graph) {
        this.graph = graph;
        values = new double[graph.nodeCount()];
        tangents = new double[graph.nodeCount()];
        operands = new Operands(graph, values);
    }

    /** Sweeps once, for the derivative with respect to {@code variable}. */
    public static Dual sweep(Graph graph, int variable, double... point) {
        return new ForwardMode(graph).run(variable, point);
    }

    private Dual run(int variable, double... point) {
        graph.refuseWrongLength(point);
        var evaluationsBefore = derivativeEvaluations;
        for (var i = 0; i < values.length; i++) {
            switch (graph.node(i)) {
                case Constant constant -> values[i] = constant.value();
                case Variable(var index) -> {
                    values[i] = point[index];
                    tangents[i] = index == variable ? 1 : 0;
                }
                case Operation operation -> {
                    values[i] = operation.value(operands.of(i));
                    tangents[i] = graph.isOnPath(i) ? tangent(i, operation) : 0;
                }
            }
        }
        var last = values.length - 1;
        return new Dual(values[last], tangents[last], derivativeEvaluations - evaluationsBefore);
    }

    private double tangent(int node, Operation operation) {
        var first = graph.firstEdge(node);
        var sum = 0.0;
        for (var i = 0; i < operands.count(); i++) {
            var operand = graph.edge(first + i);
            if (graph.isOnPath(operand)) {
                sum += operation.derivative(i, operands, values[node]) * tangents[operand];
                derivativeEvaluations++;
            }
        }
        return sum;
    }
}
