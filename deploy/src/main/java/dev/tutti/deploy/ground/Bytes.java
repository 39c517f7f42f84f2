package dev.tutti.deploy.ground;

import java.util.Locale;

/** Amounts of memory as people read them. */
public final class Bytes {
    private static final String[] UNITS = {"kB", "MB", "GB", "TB", "PB", "EB"};
    private static final double STEP = 1000;

    private Bytes() {}

    /** Returns an amount with three digits, such as {@code 6.35 GB}; the same in every locale. */
    public static String text(long bytes) {
        var amount = bytes / STEP;
        var unit = 0;
        while (amount >= STEP && unit < UNITS.length - 1) {
            amount /= STEP;
            unit++;
        }
        var format = amount < 10 ? "%.2f %s" : amount < 100 ? "%.1f %s" : "%.0f %s";
        return String.format(Locale.ROOT, format, amount, UNITS[unit]);
    }
}
