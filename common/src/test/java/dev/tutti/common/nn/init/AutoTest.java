package dev.tutti.common.nn.init;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.tutti.common.nn.Model;
import dev.tutti.common.nn.Zoo;
import dev.tutti.common.nn.layer.Layers;
import dev.tutti.common.vector.Floats;
import dev.tutti.common.vector.Shape;
import java.lang.foreign.Arena;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What follows each layer of a model, and how large its weights start. */
class AutoTest {
    private static final long SEED = 3;

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    dense(4)                                                 | END
                    dense(4),softmax                                         | END
                    dense(9),relu,dense(4)                                   | RECTIFIER END
                    dense(9),tanh,dense(4),sigmoid                           | SATURATING END
                    dense(9),sigmoid,dense(4)                                | SATURATING END
                    dense(9),dense(4)                                        | LAYER END
                    dense(9),layer-norm,dense(4)                             | LAYER END
                    dense(9),identity,dropout(0.5),gelu,dense(4)             | RECTIFIER END
                    dense(9),batch-norm,relu,dropout(0.1),dense(4)           | RECTIFIER END
                    dense(9),elu,dense(9),leaky-relu,dense(9),softplus,dense(4) | RECTIFIER RECTIFIER RECTIFIER END
                    dense(8),maxout(2),dense(4)                              | LAYER END
                    dense(8),residual(dense(8),relu,dense(8)),dense(4)       | LAYER RECTIFIER END END
                    dense(8),residual(layer-norm,relu,dense(8)),relu,dense(4) | LAYER END END
                    dense(8),relu,residual(dense(8),relu,dense(8),batch-norm),relu,dense(4) | RECTIFIER RECTIFIER END END
                    """)
    void followerIsTheFirstLayerBehindThatMatters(String text, String followers) {
        var model = Model.of(Layers.CATALOGUE.parseList(text), Shape.of(6), 4);

        assertThat(drawn(model))
                .extracting(placed -> placed.parameter().follower().name())
                .containsExactly(followers.split(" "));
    }

    @Test
    void convolutionsSeeThroughPoolsAndFlatten() {
        var model =
                Model.of(
                        Layers.CATALOGUE.parseList(
                                "conv2d(2,3),max-pool(2),relu,conv2d(2,3),average-pool(2),flatten,dense"),
                        Shape.of(1, 12, 12),
                        3);

        assertThat(drawn(model))
                .extracting(placed -> placed.parameter().follower())
                .containsExactly(Follower.RECTIFIER, Follower.LAYER, Follower.END);
    }

    @Test
    void varianceSuitsThePlace() {
        var layers = "dense(300),relu,dense(200),relu,dense(150),tanh,dense(400),dense(500),dense";
        var model = Model.of(Layers.CATALOGUE.parseList(layers), Shape.of(250), 100);
        var expected = List.of(2.0 / 250, 2.0 / 300, 2.0 / 350, 1.0 / 150, 1.0 / 400, 1.0 / 500);

        var variances = variances(model, new Auto());

        assertThat(variances).hasSameSizeAs(expected);
        for (var i = 0; i < expected.size(); i++) {
            assertThat(variances.get(i) / expected.get(i))
                    .as("layer %d, seed %d", i, SEED)
                    .isCloseTo(1, within(0.05));
        }
    }

    @Test
    void layersBeforeRectifiersStartAsWithHe() {
        var model = Model.of(Zoo.layers("mlp"), Shape.of(64), 10);

        assertThat(weights(model, new Auto(), "2.weight"))
                .isEqualTo(weights(model, new HeNormal(), "2.weight"));
    }

    private static float[] weights(Model model, Initializer initializer, String name) {
        try (var arena = Arena.ofConfined()) {
            var all = Floats.allocate(arena, model.vectorLength());
            model.initialize(initializer, SEED, all);
            var wanted = model.parameters().stream().filter(p -> p.name().equals(name)).findFirst();
            var placed = wanted.orElseThrow();
            return Floats.toArray(Floats.slice(all, placed.offset(), placed.shape().size()));
        }
    }

    private static List<Model.Placed> drawn(Model model) {
        return model.parameters().stream().filter(placed -> placed.parameter().isDrawn()).toList();
    }

    /** Returns the mean squares of the drawn weights, a matrix each. */
    private static List<Double> variances(Model model, Initializer initializer) {
        try (var arena = Arena.ofConfined()) {
            var weights = Floats.allocate(arena, model.vectorLength());
            model.initialize(initializer, SEED, weights);
            return drawn(model).stream()
                    .map(placed -> {
                        var sum = 0.0;
                        for (long i = 0; i < placed.shape().size(); i++) {
                            sum += Math.pow(Floats.get(weights, placed.offset() + i), 2);
                        }
                        return sum / placed.shape().size();
                    })
                    .toList();
        }
    }
}
