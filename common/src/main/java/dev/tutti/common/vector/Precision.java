package dev.tutti.common.vector;

import java.util.Arrays;
import java.util.Locale;

/**
 * How a number is stored, and so what it is rounded to: a kernel takes operands of either, and says
 * in which it multiplies. What a run rounds before it travels is a {@link
 * dev.tutti.common.rounding.Rounding}, which is seldom a precision.
 */
public enum Precision {
    /** A float of 32 bits: nothing is rounded. */
    FP32(Floats.BYTES),
    /** 16 bits ({@link Bf16}), which halves what is sent. */
    BF16(Bf16.BYTES);

    private final int bytes;

    Precision(int bytes) {
        this.bytes = bytes;
    }

    /**
     * Returns the precision of this name, in small letters.
     *
     * @param option that gave the name, for the message
     * @throws IllegalArgumentException if there is none; the message names all
     */
    public static Precision named(String option, String name) {
        return Arrays.stream(values())
                .filter(precision -> precision.text().equals(name))
                .findFirst()
                .orElseThrow(() ->
                        new IllegalArgumentException(
                                "%s must be fp32 or bf16, was \"%s\"".formatted(option, name)));
    }

    /** Returns the name in small letters. */
    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Returns the bytes of one number. */
    public int bytes() {
        return bytes;
    }
}
