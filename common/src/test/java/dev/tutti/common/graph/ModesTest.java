package dev.tutti.common.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.tutti.common.graph.check.CentralDifference;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

final class ModesTest {
    @Test
    void reverseModeForwardModeAndCentralDifferencesAgreeOnRandomGraphs() {
        var differences = 0;
        for (var seed = 1L; seed <= 40; seed++) {
            var sample = RandomGraphs.draw(seed, 6, 60);
            var graph = sample.graph();
            var reverse = ReverseMode.sweep(graph, sample.point()).gradient();
            var forward = forward(graph, sample.point());
            assertThat(forward.value()).as("seed %d", seed).isEqualTo(reverse.value());
            for (var i = 0; i < graph.variableCount(); i++) {
                var scale = Math.max(1, Math.abs(reverse.partial(i)));
                assertThat(forward.partial(i))
                        .as("forward mode, variable %d, seed %d", i, seed)
                        .isCloseTo(reverse.partial(i), within(1e-12 * scale));
                var difference = CentralDifference.partial(graph, i, sample.point());
                if (difference.isPresent()) {
                    differences++;
                    assertThat(difference.getAsDouble())
                            .as("central difference, variable %d, seed %d", i, seed)
                            .isCloseTo(reverse.partial(i), within(1e-5 * scale));
                }
            }
        }
        assertThat(differences).as("differences away from kinks").isGreaterThan(200);
    }

    @Test
    void aNodeThatFeedsSeveralSumsWhatComesBackAlongAllPaths() {
        // The sum of three paths from x, each through one product: (a + b + c) · (d + e + f).
        var builder = new GraphBuilder();
        var x = builder.variable();
        var y = x.times(2).plus(x.times(3)).plus(x.times(5));
        var z = y.times(7).plus(y.times(11)).plus(y.times(13));
        var sweep = ReverseMode.sweep(builder.build(z), 1);
        assertThat(sweep.gradient(y)).isEqualTo(7 + 11 + 13);
        assertThat(sweep.gradient(x)).isEqualTo((2 + 3 + 5) * (7 + 11 + 13));
    }

    @Test
    void forwardModeTakesOneSweepPerVariableAndReverseModeOne() {
        for (var variables = 1; variables <= 64; variables *= 2) {
            var builder = new GraphBuilder();
            var product = builder.constant(1);
            for (var i = 0; i < variables; i++) {
                product = product.times(builder.variable()).tanh();
            }
            var graph = builder.build(product);
            var point = new double[variables];
            Arrays.fill(point, 1.5);
            var reverse = ReverseMode.sweep(graph, point).gradient().derivativeEvaluations();
            var forward = forward(graph, point).derivativeEvaluations();
            assertThat(reverse).isEqualTo(graph.edgeCount()).isEqualTo(3L * variables - 1);
            assertThat(forward).isEqualTo(variables * reverse);
        }
    }

    @Test
    void theCountOfReverseModeDoesNotDependOnHowManyOfTheInputsAreVariables() {
        var one = chainOfProducts(1);
        var all = chainOfProducts(100);
        var point = new double[100];
        var reverseOne = ReverseMode.sweep(one, 1.0).gradient().derivativeEvaluations();
        var reverseAll = ReverseMode.sweep(all, point).gradient().derivativeEvaluations();
        var forwardOne = forward(one, 1.0).derivativeEvaluations();
        var forwardAll = forward(all, point).derivativeEvaluations();
        assertThat(reverseAll).isLessThanOrEqualTo(2 * reverseOne);
        assertThat(forwardAll).isGreaterThanOrEqualTo(100 * forwardOne);
    }

    /** Returns the gradient of forward mode: a sweep for each variable. */
    private static Gradient forward(Graph graph, double... point) {
        var partials = new double[graph.variableCount()];
        var evaluations = 0L;
        for (var variable = 0; variable < partials.length; variable++) {
            var dual = ForwardMode.sweep(graph, variable, point);
            partials[variable] = dual.partial();
            evaluations += dual.derivativeEvaluations();
        }
        return new Gradient(graph.value(point), partials, evaluations);
    }

    /** 100 products in a row, the first {@code variables} factors variable, the others constant. */
    private static Graph chainOfProducts(int variables) {
        var builder = new GraphBuilder();
        var product = builder.variable().times(1.01);
        for (var i = 1; i < 100; i++) {
            product = product.times(i < variables ? builder.variable() : builder.constant(1 + i));
        }
        return builder.build(product);
    }

    @Test
    void edgesThatNoVariableReachesOrThatMissTheOutputAreNotEvaluated() {
        var builder = new GraphBuilder();
        var x = builder.variable();
        var constant = builder.constant(2).exp().times(3);
        var unused = x.exp().log();
        var graph = builder.build(x.times(constant));
        var sweep = ReverseMode.sweep(graph, 1.0);
        assertThat(sweep.gradient().derivativeEvaluations()).isEqualTo(1);
        assertThat(ForwardMode.sweep(graph, 0, 1.0).derivativeEvaluations()).isEqualTo(1);
        assertThat(sweep.gradient(unused)).isZero();
        assertThat(sweep.value(unused)).isEqualTo(1.0, within(1e-15));
    }

    @Test
    void aChainOfAMillionNodesNeedsNoStack() {
        var builder = new GraphBuilder();
        var x = builder.variable();
        for (var i = 0; i < 1_000_000; i++) {
            x = x.plus(1e-6);
        }
        var graph = builder.build(x);
        assertThat(ReverseMode.sweep(graph, 1.0).gradient().partial(0)).isEqualTo(1);
        assertThat(ForwardMode.sweep(graph, 0, 1.0).partial()).isEqualTo(1);
        assertThat(graph.value(1.0)).isCloseTo(2, within(1e-6));
    }

    @Test
    void aPointOfTheWrongLengthIsRefused() {
        var builder = new GraphBuilder();
        var graph = builder.build(builder.variable().plus(builder.variable()));
        assertThatThrownBy(() -> graph.value(1.0))
                .hasMessage("the graph has 2 variables, found 1 values");
        assertThatThrownBy(() -> ForwardMode.sweep(graph, 0, 1.0))
                .hasMessage("the graph has 2 variables, found 1 values");
    }

    @Test
    void aGraphBeyondItsLimitIsRefused() {
        var builder = new GraphBuilder(3);
        var x = builder.variable();
        x.plus(x).plus(x);
        assertThatThrownBy(() -> x.plus(x))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("more than 3 nodes");
    }

    @Test
    void expressionsOfTwoGraphsDoNotMix() {
        var x = new GraphBuilder().variable();
        var y = new GraphBuilder().variable();
        assertThatThrownBy(() -> x.plus(y)).hasMessageContaining("another graph");
        assertThatThrownBy(() -> new GraphBuilder().build(x)).hasMessageContaining("another graph");
    }
}
