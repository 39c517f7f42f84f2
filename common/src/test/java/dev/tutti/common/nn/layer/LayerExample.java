package dev.tutti.common.nn.layer;

import dev.tutti.common.vector.Shape;
import java.util.List;

/**
 * A layer with an input that it takes, for the laws.
 *
 * @param text the layer
 * @param input shape of one sample
 * @param wholeNumbers how many whole numbers the input is drawn from; 0 if it is real
 */
record LayerExample(String text, Shape input, int wholeNumbers) {
    /** Every layer of the catalogue, small enough for finite differences. */
    static final List<LayerExample> ALL =
            List.of(
                    of("dense(units=4)", 5),
                    of("dense(units=1)", 1),
                    of("conv2d(channels=3,kernel=3)", 2, 5, 4),
                    of("conv2d(channels=2,kernel=3,stride=2,padding=1)", 2, 5, 6),
                    of("conv2d(channels=2,kernel=2,stride=3,padding=1)", 1, 6, 5),
                    of("conv2d(channels=3,kernel=1)", 2, 2, 3),
                    of("conv2d(channels=2,kernel=5,padding=2)", 1, 2, 3),
                    of("max-pool(size=2)", 2, 4, 6),
                    of("max-pool(size=3,stride=2)", 2, 5, 7),
                    of("max-pool(size=2,stride=3)", 1, 6, 5),
                    of("average-pool(size=2)", 2, 4, 6),
                    of("average-pool(size=3,stride=2)", 2, 5, 6),
                    of("global-average-pool", 3, 2, 4),
                    of("flatten", 2, 3, 2),
                    new LayerExample("embedding(count=6,width=3)", Shape.of(4), 6),
                    of("residual(layers=dense(units=4),tanh,dense(units=4))", 4),
                    of("residual(layers=batch-norm,residual(layers=sigmoid,dense(units=3)))", 3),
                    of(
                            "residual(layers=conv2d(channels=2,kernel=3,padding=1),dropout(rate=0.4))",
                            2,
                            3,
                            3),
                    of("layer-norm", 6),
                    of("layer-norm(epsilon=0.1)", 2, 2, 3),
                    of("batch-norm", 3),
                    of("batch-norm(momentum=0.3,epsilon=0.01)", 2, 2, 3),
                    of("batch-norm(over=batch)", 3),
                    of("batch-norm(epsilon=0.01,over=batch)", 2, 2, 3),
                    of(
                            "residual(layers=batch-norm(over=batch),residual(layers=sigmoid,dense(units=3)))",
                            3),
                    of("dropout(rate=0.5)", 9),
                    of("dropout(rate=0.0)", 2, 3),
                    of("identity", 2, 3),
                    of("sigmoid", 7),
                    of("tanh", 2, 3),
                    of("relu", 7),
                    of("leaky-relu", 7),
                    of("leaky-relu(slope=0.3)", 2, 4),
                    of("elu", 8),
                    of("elu(alpha=0.5)", 8),
                    of("gelu", 9),
                    of("softplus", 9),
                    of("softmax", 6),
                    of("maxout(pieces=3)", 12));

    /** Texts that must be refused. */
    static final List<String> REFUSED =
            List.of(
                    "dense(units=0)",
                    "dense(units=-3)",
                    "dense(units=many)",
                    "conv2d(channels=0,kernel=3)",
                    "conv2d(channels=3,kernel=0)",
                    "conv2d(channels=3)",
                    "conv2d(channels=3,kernel=3,stride=0)",
                    "conv2d(channels=3,kernel=3,padding=-1)",
                    "conv2d(channels=3,kernel=3,padding=3)",
                    "max-pool(size=0)",
                    "max-pool(size=2,stride=0)",
                    "average-pool(size=0)",
                    "average-pool(size=2,stride=0)",
                    "embedding(count=0,width=3)",
                    "embedding(count=3,width=0)",
                    "residual",
                    "layer-norm(epsilon=0)",
                    "batch-norm(momentum=1)",
                    "batch-norm(epsilon=0)",
                    "batch-norm(over=world)",
                    "dropout",
                    "dropout(rate=1)",
                    "dropout(rate=-0.1)",
                    "dropout(rate=NaN)",
                    "leaky-relu(slope=NaN)",
                    "elu(alpha=0)",
                    "maxout(pieces=1)");

    private static LayerExample of(String text, int... input) {
        return new LayerExample(text, Shape.of(input), 0);
    }

    static List<String> texts() {
        return ALL.stream().map(LayerExample::text).toList();
    }

    Layer layer() {
        return Layers.CATALOGUE.parse(text);
    }

    @Override
    public String toString() {
        return text + " behind " + input;
    }
}
