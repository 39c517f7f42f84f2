package dev.tutti.common.sync.order;

import dev.tutti.common.plugin.Catalogue;
import java.util.List;

/** All clocks that a run can name. */
public final class Clocks {
    /** The catalogue; a new clock is one record and one line here. */
    public static final Catalogue<Clock> CATALOGUE =
            Catalogue.of("clock", Clock.class, List.of(Virtual.class, Real.class));

    private Clocks() {}
}
