package dev.tutti.common.average.mixing;

import dev.tutti.common.plugin.Catalogue;
import java.util.List;

/** All mixings that a run can name, in any order and number. */
public final class Mixings {
    /** The text of no mixing. */
    public static final String NONE = "none";

    /** The catalogue; a new mixing is one record and one line here. */
    public static final Catalogue<Mixing> CATALOGUE =
            Catalogue.of(
                    "mixing",
                    Mixing.class,
                    List.of(
                            WorkerMomentum.class,
                            Clip.class,
                            Arc.class,
                            Bucketing.class,
                            Nnm.class));

    private Mixings() {}

    /** Returns the mixings of a text, which is {@link #NONE} or a list. */
    public static List<Mixing> parse(String text) {
        return text.equals(NONE) ? List.of() : CATALOGUE.parseList(text);
    }

    /** Returns the text that {@link #parse} turns into these. */
    public static String format(List<Mixing> mixings) {
        return mixings.isEmpty() ? NONE : CATALOGUE.formatList(mixings);
    }
}
