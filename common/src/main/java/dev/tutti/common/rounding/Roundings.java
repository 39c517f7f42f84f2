package dev.tutti.common.rounding;

import dev.tutti.common.plugin.Catalogue;
import java.lang.foreign.MemorySegment;
import java.util.List;

/** All roundings that a run can name. */
public final class Roundings {
    /** The catalogue; a new rounding is one record and one line here. */
    public static final Catalogue<Rounding> CATALOGUE =
            Catalogue.of("rounding", Rounding.class, List.of(Fp32.class, Bf16.class));

    /** The rounding that changes nothing. */
    public static final Rounding NONE = new Fp32();

    private Roundings() {}

    /** Refuses bytes that are not as many as the numbers take. */
    static void requireBytes(long expected, MemorySegment bytes) {
        if (bytes.byteSize() != expected) {
            throw new IllegalArgumentException(
                    "%d bytes of rounded numbers, expected %d"
                            .formatted(bytes.byteSize(), expected));
        }
    }
}
