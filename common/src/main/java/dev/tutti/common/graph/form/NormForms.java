package dev.tutti.common.graph.form;

import static java.util.stream.IntStream.range;

import dev.tutti.common.graph.Expression;
import dev.tutti.common.nn.layer.BatchNorm;
import dev.tutti.common.nn.layer.LayerNorm;
import dev.tutti.common.nn.layer.PassContext.Mode;
import java.util.ArrayList;
import java.util.List;

/** The graph forms of the layers that normalise: γ·(x − mean)/√(variance + ε) + β. */
final class NormForms {
    /** What a group of values is moved and scaled by. */
    private record Moments(Expression mean, Expression variance) {
        /** Returns the moments of {@code values}, the variance over their count. */
        static Moments of(List<Expression> values) {
            var mean = Expression.mean(values);
            var squares = values.stream().map(x -> x.minus(mean).squared()).toList();
            return new Moments(mean, Expression.mean(squares));
        }

        Expression normalize(double epsilon, Expression gamma, Expression beta, Expression x) {
            var deviation = variance.plus(epsilon).sqrt();
            return gamma.times(x.minus(mean).over(deviation)).plus(beta);
        }
    }

    private NormForms() {}

    /** Each sample over all its elements. */
    static List<Expression> layerNorm(LayerNorm layer, LayerPlace place, List<Expression> row) {
        var moments = Moments.of(row);
        var gamma = place.parameters().get(0);
        var beta = place.parameters().get(1);
        return range(0, row.size())
                .mapToObj(i ->
                        moments.normalize(layer.epsilon(), gamma.get(i), beta.get(i), row.get(i)))
                .toList();
    }

    /** Each channel over all samples in training, by the running statistics in an evaluation. */
    static Rows batchNorm(BatchNorm layer, LayerPlace place, Rows in) {
        var channels = place.input().extent(0);
        var size = place.input().size() / channels;
        var moments = new ArrayList<Moments>();
        for (var channel = 0; channel < channels; channel++) {
            moments.add(moments(place, in, channel, size));
        }
        var gamma = place.parameters().get(0);
        var beta = place.parameters().get(1);
        return in.eachSample(row ->
                range(0, row.size())
                        .mapToObj(i ->
                                moments.get(i / size)
                                        .normalize(
                                                layer.epsilon(),
                                                gamma.get(i / size),
                                                beta.get(i / size),
                                                row.get(i)))
                        .toList());
    }

    private static Moments moments(LayerPlace place, Rows in, int channel, int size) {
        if (place.pass().mode() == Mode.EVALUATION) {
            return new Moments(
                    place.parameters().get(2).get(channel), place.parameters().get(3).get(channel));
        }
        var values = new ArrayList<Expression>();
        for (var row : in.samples()) {
            values.addAll(row.subList(channel * size, (channel + 1) * size));
        }
        return Moments.of(values);
    }
}
