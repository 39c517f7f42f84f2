package dev.tutti.common.graph.check;

import dev.tutti.common.graph.Graph;
import java.util.OptionalDouble;

/**
 * The derivative as a quotient, (C(θ + ε) − C(θ − ε)) / 2ε: knows no rule of differentiation, and
 * takes two forward passes for each variable.
 *
 * <p>Its error is ε²/6 of the third derivative plus the rounding of C over ε; ε = 10⁻⁵ balances the
 * two for doubles near 1.
 */
public final class CentralDifference {
    private static final double STEP = 1e-5;

    private CentralDifference() {}

    /**
     * Returns the quotient for {@code variable} at {@code point}, or nothing where a piecewise
     * operation has a kink between the two values, so that the quotient is no derivative.
     */
    public static OptionalDouble partial(Graph graph, int variable, double... point) {
        var epsilon = STEP * Math.max(1, Math.abs(point[variable]));
        var pointAbove = moved(variable, epsilon, point);
        var pointBelow = moved(variable, -epsilon, point);
        var above = graph.values(pointAbove);
        var below = graph.values(pointBelow);
        if (!graph.onSamePieces(above, below)) {
            return OptionalDouble.empty();
        }
        var output = above.length - 1;
        // Not 2ε: the two points are rounded, and what lies between them is known exactly.
        var width = pointAbove[variable] - pointBelow[variable];
        return OptionalDouble.of((above[output] - below[output]) / width);
    }

    private static double[] moved(int variable, double by, double... point) {
        var moved = point.clone();
        moved[variable] += by;
        return moved;
    }
}
