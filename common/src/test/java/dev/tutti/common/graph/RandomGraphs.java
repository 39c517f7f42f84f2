package dev.tutti.common.graph;

import dev.tutti.common.random.Seeds;
import java.util.ArrayList;
import java.util.List;

/** Random graphs that use every operation, each where it is smooth and of moderate size. */
final class RandomGraphs {
    /** A graph and a point to look at it. */
    record Sample(Graph graph, List<Double> coordinates) {
        double[] point() {
            return coordinates.stream().mapToDouble(Double::doubleValue).toArray();
        }
    }

    private RandomGraphs() {}

    /** Returns a graph of {@code variables} inputs and about {@code size} formulas on them. */
    static Sample draw(long seed, int variables, int size) {
        var random = Seeds.of(seed, "random-graph");
        var builder = new GraphBuilder();
        var pool = new ArrayList<Expression>();
        var point = new ArrayList<Double>();
        for (var i = 0; i < variables; i++) {
            pool.add(builder.variable());
            point.add(random.nextGaussian());
        }
        for (var i = 0; i < size; i++) {
            var x = pool.get(random.nextInt(pool.size()));
            // Late nodes are taken more often, so that the graph gets deep.
            var y = pool.get(pool.size() - 1 - random.nextInt(Math.min(pool.size(), 4)));
            pool.add(formula(random.nextInt(15), x, y));
        }
        return new Sample(builder.build(Expression.sum(pool)), point);
    }

    private static Expression formula(int kind, Expression x, Expression y) {
        var positive = x.squared().plus(1);
        return switch (kind) {
            case 0 -> x.plus(y);
            case 1 -> x.minus(y);
            case 2 -> x.tanh().times(y);
            case 3 -> y.over(positive);
            case 4 -> x.negate().plus(0.5);
            case 5 -> positive.sqrt().negate();
            case 6 -> x.tanh().times(y.tanh()).exp();
            case 7 -> positive.log();
            case 8 -> positive.sqrt();
            case 9 -> x.max(y);
            case 10 -> x.abs();
            case 11 -> x.plus(y).sigmoid();
            case 12 -> y.tanh();
            case 13 -> x.erf();
            default -> x.relu().plus(y.times(-0.25));
        };
    }
}
