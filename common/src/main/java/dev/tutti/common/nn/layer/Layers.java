package dev.tutti.common.nn.layer;

import dev.tutti.common.plugin.Catalogue;
import java.util.List;

/** All layers that a model's text can name. */
public final class Layers {
    /** The catalogue; a new layer is one record and one line here. */
    public static final Catalogue<Layer> CATALOGUE =
            Catalogue.of(
                    "layer",
                    Layer.class,
                    List.of(
                            Dense.class,
                            Conv2d.class,
                            MaxPool.class,
                            AveragePool.class,
                            GlobalAveragePool.class,
                            Flatten.class,
                            Embedding.class,
                            Residual.class,
                            LayerNorm.class,
                            BatchNorm.class,
                            Dropout.class,
                            Identity.class,
                            Sigmoid.class,
                            Tanh.class,
                            Relu.class,
                            LeakyRelu.class,
                            Elu.class,
                            Gelu.class,
                            Softplus.class,
                            Softmax.class,
                            Maxout.class));

    private Layers() {}
}
