package dev.tutti.common.step;

import java.util.Arrays;
import java.util.Locale;

/**
 * What the floats that travel are rounded to, before they do. It is part of a run's bits, and the
 * same for every carrier, cut and number of workers: each shard's gradient sum is rounded before it
 * is added to another, and workers compute with rounded weights, also where nothing travels. Sums,
 * weights and slots at the coordinator stay 32-bit floats.
 */
public enum WirePrecision {
    /** Nothing is rounded. */
    FP32,
    /** To 16 bits ({@link dev.tutti.common.kernel.Bf16}), which halves what is sent. */
    BF16;

    /**
     * Returns the precision of this name, in small letters.
     *
     * @throws IllegalArgumentException if there is none; the message names all
     */
    public static WirePrecision named(String name) {
        return Arrays.stream(values())
                .filter(precision -> precision.text().equals(name))
                .findFirst()
                .orElseThrow(() ->
                        new IllegalArgumentException(
                                "--wire must be fp32 or bf16, was \"%s\"".formatted(name)));
    }

    /** Returns the name in small letters. */
    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }
}
