package dev.tutti.common.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.tutti.common.graph.check.CentralDifference;
import java.util.Arrays;
import java.util.Map;
import java.util.function.BinaryOperator;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

final class OperationTest {
    private static final Map<Class<? extends Operation>, BinaryOperator<Expression>> FORMULAS =
            Map.ofEntries(
                    Map.entry(Operation.Add.class, Expression::plus),
                    Map.entry(Operation.Multiply.class, Expression::times),
                    Map.entry(Operation.Divide.class, Expression::over),
                    Map.entry(Operation.Negate.class, (x, _) -> x.negate()),
                    Map.entry(Operation.Exp.class, (x, _) -> x.exp()),
                    Map.entry(Operation.Log.class, (x, _) -> x.log()),
                    Map.entry(Operation.Sqrt.class, (x, _) -> x.sqrt()),
                    Map.entry(Operation.Max.class, Expression::max),
                    Map.entry(Operation.Abs.class, (x, _) -> x.abs()),
                    Map.entry(Operation.Sigmoid.class, (x, _) -> x.sigmoid()),
                    Map.entry(Operation.Tanh.class, (x, _) -> x.tanh()),
                    Map.entry(Operation.Erf.class, (x, _) -> x.erf()));

    @Test
    void everyLocalDerivativeIsTheSlopeOfItsForwardValue() {
        assertThat(FORMULAS.keySet())
                .containsExactlyInAnyOrderElementsOf(
                        Arrays.stream(Operation.class.getPermittedSubclasses())
                                .<Class<? extends Operation>>map(c -> c.asSubclass(Operation.class))
                                .toList());
        FORMULAS.forEach((operation, formula) -> {
            for (var point : new double[][] {{0.3, 1.7}, {2.2, 0.4}, {1.1, 1.2}}) {
                var builder = new GraphBuilder();
                var x = builder.variable();
                var y = builder.variable();
                var graph = builder.build(formula.apply(x, y));
                var gradient = ReverseMode.sweep(graph, point).gradient();
                for (var i = 0; i < 2; i++) {
                    assertThat(gradient.partial(i))
                            .as("%s by x%d at %s", operation, i, Arrays.toString(point))
                            .isCloseTo(
                                    CentralDifference.partial(graph, i, point).orElseThrow(),
                                    within(1e-7));
                }
            }
        });
    }

    @Test
    void addPassesTheGradientOnUnchanged() {
        assertThat(partials(Expression::plus, 3, 5)).containsExactly(1, 1);
    }

    @Test
    void multiplyPassesTheGradientTimesTheOtherInput() {
        assertThat(partials(Expression::times, 3, 5)).containsExactly(5, 3);
        assertThat(partials((x, _) -> x.times(7), 3, 5)).containsExactly(7, 0);
    }

    @Test
    void maxSwitchesTheGradientToTheLargerInputAndToTheFirstOfEquals() {
        assertThat(partials(Expression::max, 3, 5)).containsExactly(0, 1);
        assertThat(partials(Expression::max, 5, 3)).containsExactly(1, 0);
        assertThat(partials(Expression::max, 4, 4)).containsExactly(1, 0);
        assertThat(partials((x, y) -> x.max(y).times(10), 3, 5)).containsExactly(0, 10);
    }

    @Test
    void sigmoidMultipliesTheGradientByItsValueTimesOneMinusIt() {
        var z = 1 / (1 + StrictMath.exp(-0.8));
        assertThat(partials((x, _) -> x.sigmoid().times(2), 0.8, 0)[0])
                .isCloseTo(2 * z * (1 - z), within(1e-15));
    }

    @Test
    void reluAndAbsHaveDerivativeZeroAtZero() {
        assertThat(partials((x, _) -> x.relu(), 0, 0)[0]).isZero();
        assertThat(partials((x, _) -> x.abs(), 0, 0)[0]).isZero();
        assertThat(partials((x, _) -> x.abs(), -2, 0)[0]).isEqualTo(-1);
    }

    @Test
    void aDifferenceAcrossAKinkIsNoDerivative() {
        var builder = new GraphBuilder();
        var graph = builder.build(builder.variable().relu());
        assertThat(CentralDifference.partial(graph, 0, 1e-7)).isEmpty();
        assertThat(CentralDifference.partial(graph, 0, 1)).isPresent();
    }

    @Test
    void erfAgreesWithPublishedValues() {
        // Abramowitz and Stegun 1964, table 7.1.
        var table =
                Map.of(
                        0.0, 0.0,
                        0.1, 0.1124629160,
                        0.5, 0.5204998778,
                        1.0, 0.8427007929,
                        2.0, 0.9953222650);
        table.forEach((x, erf) -> {
            assertThat(value(Expression::erf, x)).isCloseTo(erf, within(1e-10));
            assertThat(value(Expression::erf, -x)).isCloseTo(-erf, within(1e-10));
        });
        assertThat(value(Expression::erf, 5.999)).isEqualTo(1.0, within(1e-15));
        assertThat(value(Expression::erf, Double.POSITIVE_INFINITY)).isEqualTo(1);
    }

    private static double[] partials(BinaryOperator<Expression> formula, double... point) {
        var builder = new GraphBuilder();
        var x = builder.variable();
        var y = builder.variable();
        return ReverseMode.sweep(builder.build(formula.apply(x, y)), point).gradient().partials();
    }

    private static double value(UnaryOperator<Expression> formula, double x) {
        var builder = new GraphBuilder();
        return builder.build(formula.apply(builder.variable())).value(x);
    }
}
