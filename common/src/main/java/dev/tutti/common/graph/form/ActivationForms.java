package dev.tutti.common.graph.form;

import dev.tutti.common.graph.Expression;
import dev.tutti.common.nn.layer.Elu;
import dev.tutti.common.nn.layer.LeakyRelu;
import java.util.List;

/** The graph forms of the activations that are more than one node. */
final class ActivationForms {
    private static final double ROOT_OF_HALF = StrictMath.sqrt(0.5);

    private ActivationForms() {}

    /** z·Φ(z), with Φ(z) = (1 + erf(z/√2))/2. */
    static Expression gelu(Expression z) {
        return z.times(z.times(ROOT_OF_HALF).erf().plus(1).times(0.5));
    }

    /** s·z + (1 − s)·max(0, z). */
    static Expression leakyRelu(LeakyRelu layer, Expression z) {
        return z.times(layer.slope()).plus(z.relu().times(1 - layer.slope()));
    }

    /** max(0, z) + α(e^min(0, z) − 1). */
    static Expression elu(Elu layer, Expression z) {
        var below = z.negate().max(z.builder().constant(0)).negate();
        return z.relu().plus(below.exp().plus(-1).times(layer.alpha()));
    }

    /** log(1 + eᶻ), written max(0, z) + log(1 + e^−|z|) so that nothing overflows. */
    static Expression softplus(Expression z) {
        return z.relu().plus(z.abs().negate().exp().plus(1).log());
    }

    /** e^{z_k} / Σ_j e^{z_j}, the largest z subtracted first. */
    static List<Expression> softmax(List<Expression> row) {
        var max = Expression.max(row);
        var powers = row.stream().map(z -> z.minus(max).exp()).toList();
        var sum = Expression.sum(powers);
        return powers.stream().map(power -> power.over(sum)).toList();
    }
}
