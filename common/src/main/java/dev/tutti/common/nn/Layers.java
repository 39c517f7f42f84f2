package dev.tutti.common.nn;

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
                            Identity.class,
                            Relu.class,
                            Sigmoid.class,
                            Tanh.class,
                            Gelu.class));

    private Layers() {}
}
