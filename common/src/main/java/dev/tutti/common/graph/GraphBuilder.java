package dev.tutti.common.graph;

import dev.tutti.common.plugin.PlugInException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * A graph under construction. An expression can only be made of ones that exist already, so nodes
 * come in topological order by themselves, and no pass over the graph ever recurses.
 */
public final class GraphBuilder {
    /** Nodes that a heap of two gigabytes holds, with their edges, values and gradients. */
    public static final int NODES_MAX = 16_000_000;

    private final int nodesMax;
    private final Map<Double, Expression> constants = new HashMap<>();
    private Node[] nodes = new Node[64];
    private int[] firstEdges = new int[64];
    private int[] edges = new int[64];
    private int nodeCount;
    private int edgeCount;
    private int variableCount;

    /** Starts a graph of at most {@link #NODES_MAX} nodes. */
    public GraphBuilder() {
        this(NODES_MAX);
    }

    /** Starts a graph of at most {@code nodesMax} nodes. */
    public GraphBuilder(int nodesMax) {
        this.nodesMax = nodesMax;
    }

    /** Returns a new input; the first one is variable 0, the next one variable 1. */
    public Expression variable() {
        return node(new Node.Variable(variableCount++));
    }

    /** Returns the constant {@code value}; equal ones share a node. */
    public Expression constant(double value) {
        return constants.computeIfAbsent(value, number -> node(new Node.Constant(number)));
    }

    Node node(int index) {
        return nodes[index];
    }

    /** Returns the operation's result on {@code operands}, as a new node. */
    Expression node(Node node, Expression... operands) {
        if (nodeCount == nodesMax) {
            throw new PlugInException(
                    "the graph would have more than %d nodes; take fewer samples or a smaller model"
                            .formatted(nodesMax));
        }
        if (nodeCount == nodes.length) {
            nodes = Arrays.copyOf(nodes, 2 * nodeCount);
            firstEdges = Arrays.copyOf(firstEdges, 2 * nodeCount);
        }
        nodes[nodeCount] = node;
        firstEdges[nodeCount] = edgeCount;
        for (var operand : operands) {
            addEdge(operand);
        }
        return new Expression(this, nodeCount++);
    }

    private void addEdge(Expression operand) {
        if (operand.builder() != this) {
            throw new IllegalArgumentException("an operand belongs to another graph");
        }
        if (edgeCount == edges.length) {
            edges = Arrays.copyOf(edges, 2 * edgeCount);
        }
        edges[edgeCount++] = operand.node();
    }

    /** Returns the graph of all nodes up to {@code output}; expressions stay valid for it. */
    public Graph build(Expression output) {
        if (output.builder() != this) {
            throw new IllegalArgumentException("the output belongs to another graph");
        }
        var count = output.node() + 1;
        var firsts = Arrays.copyOf(firstEdges, count + 1);
        firsts[count] = count < nodeCount ? firstEdges[count] : edgeCount;
        return new Graph(
                Arrays.copyOf(nodes, count),
                firsts,
                Arrays.copyOf(edges, firsts[count]),
                variableCount);
    }
}
