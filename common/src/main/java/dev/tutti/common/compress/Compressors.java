package dev.tutti.common.compress;

import dev.tutti.common.plugin.Catalogue;
import java.util.List;

/** All compressors that a run can name. */
public final class Compressors {
    /** The text of the one that changes nothing. */
    public static final String NONE = "fp32";

    /** The catalogue; a new compressor is one record and one line here. */
    public static final Catalogue<Compressor> CATALOGUE =
            Catalogue.of(
                    "compressor",
                    Compressor.class,
                    List.of(
                            Fp32.class,
                            Int8.class,
                            OneBit.class,
                            Sign.class,
                            TopK.class,
                            RandomK.class,
                            Threshold.class,
                            PowerSgd.class,
                            Dgc.class,
                            ErrorFeedback.class,
                            Ef21.class));

    private Compressors() {}
}
