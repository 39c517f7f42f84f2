package dev.tutti.common.graph.form;

import static java.util.stream.IntStream.range;

import dev.tutti.common.graph.Expression;
import dev.tutti.common.nn.loss.BinaryCrossEntropy;
import dev.tutti.common.nn.loss.Loss;
import dev.tutti.common.nn.loss.Mae;
import dev.tutti.common.nn.loss.Mse;
import dev.tutti.common.nn.loss.Quadratic;
import dev.tutti.common.nn.loss.SoftmaxCrossEntropy;
import java.util.List;

/**
 * The graph form of every loss: the cost of one sample as a formula, written from its definition
 * and not from the loss's code (BACKPROP.md, "Where it starts: the losses").
 */
final class LossForms {
    private LossForms() {}

    /**
     * Returns C_i.
     *
     * @param outputs the model's outputs for the sample
     * @param target its label, or its values
     * @throws IllegalArgumentException if {@code loss} has no graph form
     */
    static Expression cost(Loss loss, List<Expression> outputs, List<Double> target) {
        return switch (loss) {
            case Quadratic _ -> squaredDistance(outputs, target).times(0.5);
            case Mse _ -> squaredDistance(outputs, target).times(1.0 / outputs.size());
            case Mae _ -> Expression.mean(distances(outputs, target));
            case BinaryCrossEntropy _ -> Expression.mean(binaryCosts(outputs, target));
            case SoftmaxCrossEntropy(var weights) -> {
                var label = label(target, outputs.size());
                var cost = logSumExp(outputs).minus(outputs.get(label));
                yield weights.isEmpty() ? cost : cost.times(weights.get(label));
            }
            default ->
                    throw new IllegalArgumentException(
                            "loss %s has no graph form; add one to LossForms"
                                    .formatted(loss.getClass().getSimpleName()));
        };
    }

    private static Expression squaredDistance(List<Expression> outputs, List<Double> target) {
        return Expression.sum(
                differences(outputs, target).stream().map(Expression::squared).toList());
    }

    private static List<Expression> distances(List<Expression> outputs, List<Double> target) {
        return differences(outputs, target).stream().map(Expression::abs).toList();
    }

    private static List<Expression> differences(List<Expression> outputs, List<Double> target) {
        return range(0, outputs.size()).mapToObj(k -> outputs.get(k).plus(-target.get(k))).toList();
    }

    /** −t log σ(z) − (1 − t) log(1 − σ(z)) = log(1 + eᶻ) − t·z. */
    private static List<Expression> binaryCosts(List<Expression> logits, List<Double> target) {
        return range(0, logits.size())
                .mapToObj(k -> {
                    var z = logits.get(k);
                    return ActivationForms.softplus(z).minus(z.times(target.get(k)));
                })
                .toList();
    }

    private static Expression logSumExp(List<Expression> logits) {
        var max = Expression.max(logits);
        var terms = logits.stream().map(z -> z.minus(max).exp()).toList();
        return Expression.sum(terms).log().plus(max);
    }

    private static int label(List<Double> target, int classes) {
        var found = target.getFirst();
        var label = found.intValue();
        if (label != found || label < 0 || label >= classes) {
            throw new IllegalArgumentException(
                    "expected a label from 0 to %d, found %s".formatted(classes - 1, found));
        }
        return label;
    }
}
