package dev.tutti.common.graph;

import dev.tutti.common.graph.Node.Variable;

/**
 * Reverse mode: one sweep from the output back to all variables, however many there are
 * (backpropagation; Linnainmaa 1970).
 *
 * <p>Each node holds ∂output/∂node. It is complete when the sweep arrives, since all nodes that use
 * it come later in the graph; it then flows on to the operands, where what comes back along several
 * paths is summed.
 */
public final class ReverseMode {
    private final Graph graph;
    private final double[] values;
    private final double[] flows;
    private final double[] arrivals;
    private long derivativeEvaluations;

    private ReverseMode(Graph graph, double... point) {
        this.graph = graph;
        values = graph.values(point);
        flows = new double[values.length];
        arrivals = new double[graph.variableCount()];
    }

    /** Sweeps once over {@code graph} where its variables are {@code point}. */
    public static ReverseMode sweep(Graph graph, double... point) {
        var sweep = new ReverseMode(graph, point);
        sweep.run();
        return sweep;
    }

    private void run() {
        var operands = new Operands(graph, values);
        flows[flows.length - 1] = 1;
        for (var i = flows.length - 1; i >= 0; i--) {
            if (graph.isOnPath(i) && graph.node(i) instanceof Operation operation) {
                passOn(i, operation, operands.of(i));
            }
        }
    }

    private void passOn(int node, Operation operation, Operands operands) {
        var first = graph.firstEdge(node);
        for (var i = 0; i < operands.count(); i++) {
            var operand = graph.edge(first + i);
            if (graph.isOnPath(operand)) {
                var flow = flows[node] * operation.derivative(i, operands, values[node]);
                derivativeEvaluations++;
                flows[operand] += flow;
                if (graph.node(operand) instanceof Variable(var index)) {
                    arrivals[index] += Math.abs(flow);
                }
            }
        }
    }

    /** Returns the node's value in the forward pass. */
    public double value(Expression node) {
        return values[node.node()];
    }

    /** Returns ∂output/∂node; 0 where no path leads to the output or from a variable. */
    public double gradient(Expression node) {
        return flows[node.node()];
    }

    /**
     * Returns Σ |g| over all g that came back to a variable. Where it is much larger than their
     * sum, they cancelled, and arithmetic in floats cannot know the sum to more than a fraction of
     * this.
     */
    public double arrived(int variable) {
        return arrivals[variable];
    }

    /** Returns the derivatives with respect to the variables. */
    public Gradient gradient() {
        var partials = new double[graph.variableCount()];
        for (var i = 0; i < flows.length; i++) {
            if (graph.node(i) instanceof Variable variable) {
                partials[variable.index()] = flows[i];
            }
        }
        return new Gradient(values[values.length - 1], partials, derivativeEvaluations);
    }
}
