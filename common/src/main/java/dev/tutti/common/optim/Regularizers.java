package dev.tutti.common.optim;

import dev.tutti.common.plugin.Catalogue;
import java.util.List;

/** All regularisers that a run can name. */
public final class Regularizers {
    /** The catalogue; a new regulariser is one record and one line here. */
    public static final Catalogue<Regularizer> CATALOGUE =
            Catalogue.of("regularizer", Regularizer.class, List.of(L2.class, L1.class));

    private Regularizers() {}
}
