package dev.tutti.common.graph;

/** The values that flow into one node: a window over the values of all nodes. */
final class Operands {
    private final Graph graph;
    private final double[] values;
    private int first;
    private int count;

    Operands(Graph graph, double[] values) {
        this.graph = graph;
        this.values = values;
    }

    /** Moves the window to the operands of {@code node}. */
    Operands of(int node) {
        first = graph.firstEdge(node);
        count = graph.firstEdge(node + 1) - first;
        return this;
    }

    int count() {
        return count;
    }

    double at(int operand) {
        return values[graph.edge(first + operand)];
    }
}
