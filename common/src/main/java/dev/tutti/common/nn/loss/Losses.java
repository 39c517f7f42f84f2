package dev.tutti.common.nn.loss;

import dev.tutti.common.plugin.Catalogue;
import java.util.List;

/** All losses that a run can name. */
public final class Losses {
    /** The catalogue; a new loss is one record and one line here. */
    public static final Catalogue<Loss> CATALOGUE =
            Catalogue.of(
                    "loss",
                    Loss.class,
                    List.of(
                            Quadratic.class,
                            Mse.class,
                            Mae.class,
                            SoftmaxCrossEntropy.class,
                            BinaryCrossEntropy.class));

    private Losses() {}
}
