package dev.tutti.common.nn.init;

import dev.tutti.common.plugin.Catalogue;
import dev.tutti.common.random.Seeds;
import dev.tutti.common.vector.Floats;
import java.lang.foreign.MemorySegment;
import java.util.List;

/** All initialisers that a run can name. */
public final class Initializers {
    /** The catalogue; a new initialiser is one record and one line here. */
    public static final Catalogue<Initializer> CATALOGUE =
            Catalogue.of(
                    "initializer",
                    Initializer.class,
                    List.of(
                            Auto.class,
                            XavierUniform.class,
                            XavierNormal.class,
                            HeUniform.class,
                            HeNormal.class,
                            LecunUniform.class,
                            LecunNormal.class,
                            Constant.class,
                            Zero.class));

    private Initializers() {}

    /** Fills {@code out} evenly from −bound to bound, as has the given variance. */
    static void uniform(double variance, Seeds random, MemorySegment out) {
        var bound = Math.sqrt(3 * variance);
        var count = Floats.count(out);
        for (long i = 0; i < count; i++) {
            Floats.set(out, i, (float) (bound * (2 * random.nextDouble() - 1)));
        }
    }

    /** Fills {@code out} from the normal distribution of mean 0 and the given variance. */
    static void normal(double variance, Seeds random, MemorySegment out) {
        var deviation = Math.sqrt(variance);
        var count = Floats.count(out);
        for (long i = 0; i < count; i++) {
            Floats.set(out, i, (float) (deviation * random.nextGaussian()));
        }
    }
}
