package dev.tutti.common.average.attack;

import dev.tutti.common.plugin.Catalogue;
import java.util.List;

/** All attacks that a run can name. */
public final class Attacks {
    /** The text of no attack. */
    public static final String NONE = "none";

    /** The catalogue; a new attack is one record and one line here. */
    public static final Catalogue<Attack> CATALOGUE =
            Catalogue.of(
                    "attack",
                    Attack.class,
                    List.of(
                            SignFlip.class,
                            Scale.class,
                            Noise.class,
                            Mimic.class,
                            Alie.class,
                            Ipm.class,
                            MinMax.class,
                            Nan.class,
                            Stale.class,
                            LabelFlip.class));

    private Attacks() {}
}
