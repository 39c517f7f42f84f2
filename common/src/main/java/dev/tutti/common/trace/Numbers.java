package dev.tutti.common.trace;

import java.util.Locale;

/** Numbers as a reader wants to see them in a trace, at most eight characters long. */
final class Numbers {
    private Numbers() {}

    /** Returns four decimals, or fewer digits where those would say nothing. */
    static String brief(double value) {
        return value == 0 ? "0" : String.format(Locale.ROOT, format(Math.abs(value)), value);
    }

    private static String format(double size) {
        if (size >= 1e-3 && size < 99) {
            return "%.4f";
        }
        return size >= 99 && size < 99_999 ? "%.1f" : "%.1e";
    }
}
