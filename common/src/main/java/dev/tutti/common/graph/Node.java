package dev.tutti.common.graph;

/** One node of a graph: a number, an input, or an operation on nodes before it. */
public sealed interface Node permits Node.Constant, Node.Variable, Operation {
    /** A number that nothing is differentiated by. */
    record Constant(double value) implements Node {}

    /**
     * An input of the graph.
     *
     * @param index its place in the point that the graph is evaluated at
     */
    record Variable(int index) implements Node {}
}
