package dev.tutti.common.graph;

/**
 * The derivative of a graph's output with respect to every variable, and what it took.
 *
 * <p>A derivative evaluation is one evaluation of a local derivative ∂z/∂x_i along one edge of the
 * graph; edges that no variable reaches, or that do not reach the output, are never evaluated.
 */
public final class Gradient {
    private final double value;
    private final double[] partials;
    private final long derivativeEvaluations;

    Gradient(double value, double[] partials, long derivativeEvaluations) {
        this.value = value;
        this.partials = partials;
        this.derivativeEvaluations = derivativeEvaluations;
    }

    /** Returns the output's value. */
    public double value() {
        return value;
    }

    /** Returns ∂output/∂variable. */
    public double partial(int variable) {
        return partials[variable];
    }

    /** Returns a copy of all partial derivatives. */
    double[] partials() {
        return partials.clone();
    }

    /** Returns how many local derivatives were evaluated. */
    public long derivativeEvaluations() {
        return derivativeEvaluations;
    }
}
