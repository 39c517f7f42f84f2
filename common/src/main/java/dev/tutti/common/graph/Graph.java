package dev.tutti.common.graph;

/**
 * An immutable computational graph: one output, as a function of its variables. Nodes stand in
 * topological order, the output last.
 *
 * <p>{@link ReverseMode} and {@link ForwardMode} differentiate it, {@code CentralDifference}
 * approximates the derivative without any of the rules.
 */
public final class Graph {
    private final Node[] nodes;
    private final int[] firstEdges;
    private final int[] edges;
    private final int variableCount;
    private final boolean[] onPath;

    /** Takes the arrays over; node {@code i} has the operands from firstEdges[i] on. */
    Graph(Node[] nodes, int[] firstEdges, int[] edges, int variableCount) {
        this.nodes = nodes;
        this.firstEdges = firstEdges;
        this.edges = edges;
        this.variableCount = variableCount;
        onPath = nodesOnPaths();
    }

    /** Marks the nodes that lie on a path from a variable to the output. */
    private boolean[] nodesOnPaths() {
        var fromVariable = new boolean[nodes.length];
        for (var i = 0; i < nodes.length; i++) {
            fromVariable[i] = nodes[i] instanceof Node.Variable;
            for (var e = firstEdges[i]; e < firstEdges[i + 1]; e++) {
                fromVariable[i] |= fromVariable[edges[e]];
            }
        }
        var toOutput = new boolean[nodes.length];
        toOutput[nodes.length - 1] = true;
        for (var i = nodes.length - 1; i >= 0; i--) {
            for (var e = firstEdges[i]; e < firstEdges[i + 1] && toOutput[i]; e++) {
                toOutput[edges[e]] = true;
            }
            toOutput[i] &= fromVariable[i];
        }
        return toOutput;
    }

    /** Returns the number of nodes. */
    public int nodeCount() {
        return nodes.length;
    }

    /** Returns the number of variables. */
    public int variableCount() {
        return variableCount;
    }

    /** Returns node {@code index}. */
    public Node node(int index) {
        return nodes[index];
    }

    /** Returns the number of edges on paths from a variable to the output. */
    public long edgeCount() {
        var count = 0L;
        for (var i = 0; i < nodes.length; i++) {
            for (var e = firstEdges[i]; e < firstEdges[i + 1]; e++) {
                count += onPath[i] && onPath[edges[e]] ? 1 : 0;
            }
        }
        return count;
    }

    /** Returns the output's value where the variables are {@code point}. */
    double value(double... point) {
        return values(point)[nodes.length - 1];
    }

    /** Returns the values of all nodes where the variables are {@code point}. */
    public double[] values(double... point) {
        refuseWrongLength(point);
        var values = new double[nodes.length];
        var operands = new Operands(this, values);
        for (var i = 0; i < nodes.length; i++) {
            values[i] =
                    switch (nodes[i]) {
                        case Node.Constant constant -> constant.value();
                        case Node.Variable variable -> point[variable.index()];
                        case Operation operation -> operation.value(operands.of(i));
                    };
        }
        return values;
    }

    /**
     * Tells whether every piecewise operation lies on the same piece for both lists of node values,
     * so that there is no kink between them.
     */
    public boolean onSamePieces(double[] left, double[] right) {
        var leftOperands = new Operands(this, left);
        var rightOperands = new Operands(this, right);
        for (var i = 0; i < nodes.length; i++) {
            if (onPath[i]
                    && nodes[i] instanceof Operation operation
                    && operation.piece(leftOperands.of(i))
                            != operation.piece(rightOperands.of(i))) {
                return false;
            }
        }
        return true;
    }

    void refuseWrongLength(double... point) {
        if (point.length != variableCount) {
            throw new IllegalArgumentException(
                    "the graph has %d variables, found %d values"
                            .formatted(variableCount, point.length));
        }
    }

    int firstEdge(int node) {
        return firstEdges[node];
    }

    int edge(int index) {
        return edges[index];
    }

    /** Tells whether a node lies on a path from a variable to the output. */
    boolean isOnPath(int node) {
        return onPath[node];
    }
}
