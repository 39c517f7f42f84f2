package dev.tutti.common.optim;

import dev.tutti.common.plugin.Catalogue;
import java.util.List;

/** All optimizers that a run can name. */
public final class Optimizers {
    /** The catalogue; a new optimizer is one record and one line here. */
    public static final Catalogue<Optimizer> CATALOGUE =
            Catalogue.of(
                    "optimizer",
                    Optimizer.class,
                    List.of(
                            Sgd.class,
                            Adam.class,
                            Adamw.class,
                            Rmsprop.class,
                            Adagrad.class,
                            Lion.class,
                            Lars.class,
                            Lamb.class,
                            Muon.class));

    private Optimizers() {}
}
