package dev.tutti.common.graph.form;

import static java.util.stream.IntStream.range;

import dev.tutti.common.graph.Expression;
import dev.tutti.common.nn.layer.AveragePool;
import dev.tutti.common.nn.layer.BatchNorm;
import dev.tutti.common.nn.layer.Conv2d;
import dev.tutti.common.nn.layer.Dense;
import dev.tutti.common.nn.layer.Dropout;
import dev.tutti.common.nn.layer.Elu;
import dev.tutti.common.nn.layer.Embedding;
import dev.tutti.common.nn.layer.Flatten;
import dev.tutti.common.nn.layer.Gelu;
import dev.tutti.common.nn.layer.GlobalAveragePool;
import dev.tutti.common.nn.layer.Identity;
import dev.tutti.common.nn.layer.Layer;
import dev.tutti.common.nn.layer.LayerNorm;
import dev.tutti.common.nn.layer.LeakyRelu;
import dev.tutti.common.nn.layer.MaxPool;
import dev.tutti.common.nn.layer.Maxout;
import dev.tutti.common.nn.layer.Relu;
import dev.tutti.common.nn.layer.Residual;
import dev.tutti.common.nn.layer.Sigmoid;
import dev.tutti.common.nn.layer.Softmax;
import dev.tutti.common.nn.layer.Softplus;
import dev.tutti.common.nn.layer.Tanh;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.function.Function;

/**
 * The graph form of every layer: its output as formulas, written from its definition and not from
 * the layer's code, and without any derivative.
 */
final class LayerForms {
    private LayerForms() {}

    /**
     * Returns the output of {@code layer} for the rows {@code in}.
     *
     * @throws IllegalArgumentException if {@code layer} has no graph form
     */
    static Rows output(Layer layer, LayerPlace place, Rows in) {
        return switch (layer) {
            case Dense _ -> in.eachSample(row -> dense(place, row));
            case Conv2d conv -> in.eachSample(row -> ImageForms.convolution(conv, place, row));
            case MaxPool(var size, var stride) ->
                    in.eachSample(row -> pool(size, stride, place, row, Expression::max));
            case AveragePool(var size, var stride) ->
                    in.eachSample(row -> pool(size, stride, place, row, Expression::mean));
            case GlobalAveragePool _ -> in.eachSample(row -> groups(place, row, Expression::mean));
            case Flatten _, Identity _ -> in;
            case Embedding table -> in.eachSample(row -> embedding(table, place, row));
            case Residual block -> residual(block, place, in);
            case LayerNorm norm -> in.eachSample(row -> NormForms.layerNorm(norm, place, row));
            case BatchNorm norm -> NormForms.batchNorm(norm, place, in);
            case Dropout dropout -> DropoutForm.of(dropout, place, in);
            case Sigmoid _ -> in.eachElement(Expression::sigmoid);
            case Tanh _ -> in.eachElement(Expression::tanh);
            case Relu _ -> in.eachElement(Expression::relu);
            case LeakyRelu relu -> in.eachElement(z -> ActivationForms.leakyRelu(relu, z));
            case Elu elu -> in.eachElement(z -> ActivationForms.elu(elu, z));
            case Gelu _ -> in.eachElement(ActivationForms::gelu);
            case Softplus _ -> in.eachElement(ActivationForms::softplus);
            case Softmax _ -> in.eachSample(ActivationForms::softmax);
            case Maxout _ -> in.eachSample(row -> groups(place, row, Expression::max));
            default ->
                    throw new IllegalArgumentException(
                            "layer %s has no graph form; add one to LayerForms"
                                    .formatted(layer.getClass().getSimpleName()));
        };
    }

    /** z_j = Σ_i W_ji·a_i + b_j. */
    private static List<Expression> dense(LayerPlace place, List<Expression> row) {
        var weight = place.parameters().get(0);
        var bias = place.parameters().get(1);
        var inputs = row.size();
        var units = new ArrayList<Expression>();
        for (var unit = 0; unit < bias.size(); unit++) {
            var terms = new ArrayList<Expression>();
            for (var i = 0; i < inputs; i++) {
                terms.add(weight.get(unit * inputs + i).times(row.get(i)));
            }
            terms.add(bias.get(unit));
            units.add(Expression.sum(terms));
        }
        return units;
    }

    private static List<Expression> pool(
            int size,
            OptionalInt stride,
            LayerPlace place,
            List<Expression> row,
            Function<List<Expression>, Expression> formula) {
        return ImageForms.pool(size, stride.orElse(size), place, row, formula);
    }

    /** What {@code formula} makes of each group of neighbours, as many groups as outputs. */
    private static List<Expression> groups(
            LayerPlace place,
            List<Expression> row,
            Function<List<Expression>, Expression> formula) {
        var size = row.size() / place.output().size();
        return range(0, place.output().size())
                .mapToObj(i -> formula.apply(row.subList(i * size, (i + 1) * size)))
                .toList();
    }

    /** The row of the table that each whole number names. */
    private static List<Expression> embedding(
            Embedding table, LayerPlace place, List<Expression> row) {
        var vectors = new ArrayList<Expression>();
        for (var element : row) {
            var number = (int) element.constant();
            if (number != element.constant() || number < 0 || number >= table.count()) {
                throw new IllegalArgumentException(
                        "the embedding expected a whole number from 0 to %d, found %s"
                                .formatted(table.count() - 1, element.constant()));
            }
            var first = number * table.width();
            vectors.addAll(place.parameters().get(0).subList(first, first + table.width()));
        }
        return vectors;
    }

    /** x + f(x). */
    private static Rows residual(Residual block, LayerPlace place, Rows in) {
        var stages =
                Stages.of(
                        place.builder(),
                        block.layers(),
                        place.input(),
                        place.parameters(),
                        place.pass(),
                        place.layer(),
                        in);
        var through = stages.getLast().out();
        var sums = new ArrayList<List<Expression>>();
        for (var sample = 0; sample < in.samples().size(); sample++) {
            sums.add(sums(in.samples().get(sample), through.samples().get(sample)));
        }
        return new Rows(sums);
    }

    private static List<Expression> sums(List<Expression> left, List<Expression> right) {
        return range(0, left.size()).mapToObj(i -> left.get(i).plus(right.get(i))).toList();
    }
}
