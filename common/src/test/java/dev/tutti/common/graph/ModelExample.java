package dev.tutti.common.graph;

import dev.tutti.common.nn.Model;
import dev.tutti.common.nn.layer.Layers;
import dev.tutti.common.nn.loss.Losses;
import dev.tutti.common.vector.Shape;
import java.lang.foreign.Arena;
import java.util.List;

/**
 * A small model around one plug-in: with trained layers before it, so that its input's gradient is
 * seen, and behind it, so that it does not get a gradient of ones.
 *
 * @param plugIn name of the layer or loss that it is for
 * @param layers text of the model
 * @param input shape of one sample
 * @param outputs of the model
 * @param loss text of the loss
 */
public record ModelExample(String plugIn, String layers, Shape input, int outputs, String loss) {
    /** Every layer of the catalogue. */
    public static final List<ModelExample> LAYERS =
            List.of(
                    vector("dense", "dense(4),dense(3)"),
                    image("conv2d", "conv2d(2,3,padding=1),conv2d(3,2,stride=2),flatten,dense(3)"),
                    image("max-pool", "conv2d(2,3),max-pool(3,stride=1),flatten,dense(3)"),
                    image("average-pool", "conv2d(2,2),average-pool(2),flatten,dense(3)"),
                    image("global-average-pool", "conv2d(3,3),global-average-pool,dense(3)"),
                    image("flatten", "conv2d(2,3,stride=2),flatten,dense(3)"),
                    new ModelExample(
                            "embedding",
                            "embedding(5,3),flatten,tanh,dense(3)",
                            Shape.of(4),
                            3,
                            "mse"),
                    vector("residual", "dense(4),residual(dense(3),tanh,dense(4)),dense(3)"),
                    image(
                            "residual",
                            "conv2d(2,3),residual(residual(conv2d(2,3,padding=1),batch-norm),relu,"
                                    + "dropout(0.3)),flatten,dense(3)"),
                    vector("layer-norm", "dense(6),layer-norm,dense(3)"),
                    vector("batch-norm", "dense(4),batch-norm,dense(3)"),
                    image("batch-norm", "conv2d(2,3),batch-norm(epsilon=0.01),flatten,dense(3)"),
                    vector("batch-norm", "dense(4),batch-norm(over=batch),dense(3)"),
                    vector("dropout", "dense(8),dropout(0.5),dense(3)"),
                    vector("identity", "dense(4),identity,dense(3)"),
                    vector("sigmoid", "dense(4),sigmoid,dense(3),sigmoid"),
                    vector("tanh", "dense(4),tanh,dense(3)"),
                    vector("relu", "dense(6),relu,dense(3)"),
                    vector("leaky-relu", "dense(6),leaky-relu(0.2),dense(3)"),
                    vector("elu", "dense(6),elu(0.7),dense(3)"),
                    vector("gelu", "dense(4),gelu,dense(3)"),
                    vector("softplus", "dense(4),softplus,dense(3)"),
                    vector("softmax", "dense(4),softmax,dense(3)"),
                    vector("maxout", "dense(6),maxout(2),dense(3)"));

    /** Every loss of the catalogue. */
    public static final List<ModelExample> LOSSES =
            Losses.CATALOGUE.names().stream()
                    .map(name ->
                            new ModelExample(name, "dense(4),tanh,dense(3)", Shape.of(5), 3, name))
                    .toList();

    private static ModelExample vector(String name, String layers) {
        return new ModelExample(name, layers, Shape.of(5), 3, "quadratic");
    }

    private static ModelExample image(String name, String layers) {
        return new ModelExample(name, layers, Shape.of(2, 6, 5), 3, "quadratic");
    }

    /** Returns the example with random weights and samples. */
    public Batches draw(Arena arena, long seed) {
        return Batches.draw(
                arena,
                Model.of(Layers.CATALOGUE.parseList(layers), input, outputs),
                Losses.CATALOGUE.parse(loss),
                seed);
    }

    @Override
    public String toString() {
        return plugIn + ": " + layers + ", " + loss;
    }
}
