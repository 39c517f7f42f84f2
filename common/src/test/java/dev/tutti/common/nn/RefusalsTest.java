package dev.tutti.common.nn;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tutti.common.kernel.PlainKernel;
import dev.tutti.common.nn.layer.Layers;
import dev.tutti.common.nn.layer.PassContext;
import dev.tutti.common.nn.loss.SoftmaxCrossEntropy;
import dev.tutti.common.plugin.PlugInException;
import dev.tutti.common.vector.Floats;
import dev.tutti.common.vector.Shape;
import java.lang.foreign.Arena;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Models that do not fit together, and inputs that do not fit them. */
class RefusalsTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    conv2d(4,5)                  | 1 4 9 | layer 0 (conv2d(channels=4,kernel=5)) needs an image of at least 5×5, found 1×4×9
                    relu,conv2d(4,7,padding=2)   | 1 2 9 | layer 1 (conv2d(channels=4,kernel=7,padding=2)) needs an image of at least 3×3, found 1×2×9
                    conv2d(4,3)                  | 784   | layer 0 (conv2d(channels=4,kernel=3)) takes an image of channels × height × width, found 784
                    max-pool(3)                  | 2 2 2 | layer 0 (max-pool(size=3)) needs an image of at least 3×3, found 2×2×2
                    average-pool(3)              | 2 2 2 | layer 0 (average-pool(size=3)) needs an image of at least 3×3, found 2×2×2
                    global-average-pool          | 12    | layer 0 (global-average-pool) takes an image of channels × height × width, found 12
                    conv2d(2,3),dense            | 1 5 5 | layer 1 (dense(units=1)) takes a vector, found 2×3×3; put flatten in front
                    softmax                      | 2 3   | layer 0 (softmax) takes a vector, found 2×3; put flatten in front
                    maxout(3)                    | 8     | layer 0 (maxout(pieces=3)) takes a vector whose length is a multiple of 3, found 8
                    embedding(9,2)               | 3 4   | layer 0 (embedding(count=9,width=2)) takes a vector of whole numbers, found 3×4
                    residual(dense(3))           | 4     | layer 0 (residual(layers=dense(units=3))) needs layers that give the shape they take: took 4, gave 3
                    dense(4),embedding(9,2),flatten,dense | 4 | layer 1 (embedding(count=9,width=2)) takes the whole numbers of a sample: only flatten may stand in front
                    dense(1000)                  | 9000000 | layer 0 (dense(units=1000)) has more than 2147483647 elements: [1000, 9000000]
                    residual(relu,dense)         | 4     | layer 0 (residual(layers=relu,dense)) layer 1 (dense) needs a number of units here
                    """)
    void layerThatDoesNotFitIsNamedWithWhatItFound(String text, String input, String message) {
        var extents = java.util.Arrays.stream(input.split(" ", -1)).mapToInt(Integer::parseInt);
        var shape = Shape.of(extents.toArray());
        var layers = Layers.CATALOGUE.parseList(text);

        assertThatThrownBy(() -> Model.of(layers, shape, 1))
                .isInstanceOf(PlugInException.class)
                .hasMessage(message);
    }

    @Test
    void numberOutsideTheEmbeddingIsNamedWithItsSample() {
        try (var arena = Arena.ofConfined()) {
            var model =
                    Model.of(
                            Layers.CATALOGUE.parseList("embedding(5,2),flatten,dense"),
                            Shape.of(3),
                            2);
            var loss = new SoftmaxCrossEntropy();
            var workspace = new Workspace(arena, model, loss, 2);
            var weights = Floats.allocate(arena, model.vectorLength());
            var pass = new PassContext(PassContext.Mode.TRAINING, 1, 1, row -> 700 + row);
            for (var wrong : new float[] {5, -1, 1.5f, Float.NaN}) {
                Floats.set(workspace.features(), 4, wrong);
                assertThatThrownBy(() ->
                                model.loss(new PlainKernel(), loss, weights, workspace, 2, pass))
                        .hasMessage(
                                "sample 701, input 1: the embedding expected a whole number from 0"
                                        + " to 4, found "
                                        + wrong);
            }
        }
    }
}
