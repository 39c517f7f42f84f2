package dev.tutti.common.graph;

import java.util.List;

/**
 * A handle on a node of a graph under construction, from which further nodes are written as
 * formulas: {@code x.times(w).plus(b).sigmoid()}.
 *
 * @param builder the graph that the node belongs to
 * @param node its index there
 */
public record Expression(GraphBuilder builder, int node) {
    private static final Operation ADD = new Operation.Add();
    private static final Operation MULTIPLY = new Operation.Multiply();
    private static final Operation DIVIDE = new Operation.Divide();
    private static final Operation NEGATE = new Operation.Negate();
    private static final Operation EXP = new Operation.Exp();
    private static final Operation LOG = new Operation.Log();
    private static final Operation SQRT = new Operation.Sqrt();
    private static final Operation MAX = new Operation.Max();
    private static final Operation ABS = new Operation.Abs();
    private static final Operation SIGMOID = new Operation.Sigmoid();
    private static final Operation TANH = new Operation.Tanh();
    private static final Operation ERF = new Operation.Erf();

    /** Returns the sum of {@code terms}, one node however many they are; at least one. */
    public static Expression sum(List<Expression> terms) {
        return terms.size() == 1
                ? terms.getFirst()
                : terms.getFirst().builder.node(ADD, terms.toArray(Expression[]::new));
    }

    /** Returns the mean of {@code terms}; at least one. */
    public static Expression mean(List<Expression> terms) {
        return sum(terms).times(1.0 / terms.size());
    }

    /** Returns the largest of {@code terms}, the first one if several are; at least one. */
    public static Expression max(List<Expression> terms) {
        return terms.stream().reduce(Expression::max).orElseThrow();
    }

    /**
     * Returns the number that this is.
     *
     * @throws IllegalStateException if it is no constant
     */
    public double constant() {
        if (builder.node(node) instanceof Node.Constant(var value)) {
            return value;
        }
        throw new IllegalStateException("node %d is no constant".formatted(node));
    }

    /** Returns {@code this + other}. */
    public Expression plus(Expression other) {
        return builder.node(ADD, this, other);
    }

    /** Returns {@code this + number}. */
    public Expression plus(double number) {
        return plus(builder.constant(number));
    }

    /** Returns {@code this − other}. */
    public Expression minus(Expression other) {
        return plus(other.negate());
    }

    /** Returns {@code this · other}. */
    public Expression times(Expression other) {
        return builder.node(MULTIPLY, this, other);
    }

    /** Returns {@code this · number}. */
    public Expression times(double number) {
        return times(builder.constant(number));
    }

    /** Returns {@code this / other}. */
    public Expression over(Expression other) {
        return builder.node(DIVIDE, this, other);
    }

    /** Returns {@code −this}. */
    public Expression negate() {
        return builder.node(NEGATE, this);
    }

    /** Returns {@code this · this}. */
    public Expression squared() {
        return times(this);
    }

    /** Returns e to the power of {@code this}. */
    public Expression exp() {
        return builder.node(EXP, this);
    }

    /** Returns the natural logarithm. */
    public Expression log() {
        return builder.node(LOG, this);
    }

    /** Returns the square root. */
    public Expression sqrt() {
        return builder.node(SQRT, this);
    }

    /** Returns the larger one, {@code this} if they are equal. */
    public Expression max(Expression other) {
        return builder.node(MAX, this, other);
    }

    /** Returns max(0, this), whose derivative at 0 is 0. */
    public Expression relu() {
        return builder.constant(0).max(this);
    }

    /** Returns the absolute value, whose derivative at 0 is 0. */
    public Expression abs() {
        return builder.node(ABS, this);
    }

    /** Returns 1 / (1 + e^−this). */
    public Expression sigmoid() {
        return builder.node(SIGMOID, this);
    }

    /** Returns the hyperbolic tangent. */
    public Expression tanh() {
        return builder.node(TANH, this);
    }

    /** Returns the error function. */
    public Expression erf() {
        return builder.node(ERF, this);
    }
}
