package dev.tutti.deploy.report.html;

import java.util.Locale;

/** Numbers as a reader likes them: four digits that mean something, no zeros behind them. */
public final class Numbers {
    private static final double SMALL = 1e-3;
    private static final double LARGE = 1e15;

    /** Larger ones are too wide for an axis. */
    private static final double WIDE = 1e6;

    private Numbers() {}

    /** Returns a number as text; whole ones have all their digits. */
    public static String text(double value) {
        if (!Double.isFinite(value)) {
            return Double.isNaN(value) ? "not a number" : value > 0 ? "infinite" : "-infinite";
        }
        if (value == Math.rint(value) && Math.abs(value) < LARGE) {
            return Long.toString((long) value);
        }
        var size = Math.abs(value);
        if (size < SMALL || size >= LARGE) {
            return String.format(Locale.ROOT, "%.3e", value);
        }
        var decimals = Math.max(0, 3 - (int) Math.floor(Math.log10(size)));
        var text = String.format(Locale.ROOT, "%." + decimals + "f", value);
        return decimals == 0 ? text : text.replaceFirst("\\.?0+$", "");
    }

    /** Returns a number as it stands at an axis, where there is no room for many digits. */
    static String tick(double value) {
        return Math.abs(value) < WIDE
                ? text(value)
                : String.format(Locale.ROOT, "%.1e", value)
                        .replace(".0e", "e")
                        .replaceFirst("e\\+0*", "e");
    }

    /** Returns a place on a drawing. */
    static String pixels(double value) {
        return String.format(Locale.ROOT, "%.1f", value);
    }
}
