package dev.tutti.common.plugin;

/**
 * What a plug-in's arguments may be, each refused with its name, the bound and the value found. NaN
 * is outside every bound.
 */
public final class Bounds {
    private Bounds() {}

    /** Refuses a number that is not finite and above 0. */
    public static void positive(String name, double value) {
        require(value > 0 && Double.isFinite(value), name, "a finite number above 0", value);
    }

    /** Refuses a number that is not finite and at least 0. */
    public static void notNegative(String name, double value) {
        require(value >= 0 && Double.isFinite(value), name, "a finite number of at least 0", value);
    }

    /** Refuses a number outside 0 (included) to 1 (excluded). */
    public static void belowOne(String name, double value) {
        require(value >= 0 && value < 1, name, "at least 0 and below 1", value);
    }

    /** Refuses a number that is not finite. */
    public static void finite(String name, double value) {
        require(Double.isFinite(value), name, "a finite number", value);
    }

    /** Refuses a whole number below {@code min}. */
    public static void atLeast(String name, int min, int value) {
        if (value < min) {
            throw new IllegalArgumentException(
                    "%s must be at least %d, was %d".formatted(name, min, value));
        }
    }

    private static void require(boolean holds, String name, String bound, double value) {
        if (!holds) {
            throw new IllegalArgumentException(
                    "%s must be %s, was %s".formatted(name, bound, value));
        }
    }
}
