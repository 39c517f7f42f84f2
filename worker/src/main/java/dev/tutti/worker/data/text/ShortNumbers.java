package dev.tutti.worker.data.text;

/**
 * Reads the numbers that files mostly have, straight from their characters; all others are left to
 * the JDK. Digits below 2⁵³, times or divided by a power of ten up to 10²², are one operation on
 * two exact doubles, and so rounded once (Clinger, "How to Read Floating Point Numbers Accurately",
 * 1990). Of longer numbers the first digits mostly decide which float is nearest.
 */
final class ShortNumbers {
    private static final long EXACT_MAX = 1L << 53;

    /** Digits that a long always has room for, leading zeros included. */
    private static final int DIGITS_MAX = 18;

    private static final long CUT_FROM = 100_000_000_000_000_000L;
    private static final int EXPONENT_DIGITS_MAX = 3;
    private static final double[] POWERS = {
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16,
        1e17, 1e18, 1e19, 1e20, 1e21, 1e22
    };

    /** Digits left out are 2⁻⁵⁶ of a number, and its two roundings 2⁻⁵³ each. */
    private static final double ERROR_MAX = 0x1p-50;

    /** The bits of a double that a float has no room for, and their value half way. */
    private static final long BELOW_FLOAT = (1L << 29) - 1;

    private static final long HALF_WAY = 1L << 28;

    private ShortNumbers() {}

    /**
     * Returns the number nearest to the characters; NaN if it is left to the JDK, or is none.
     *
     * @param from the first of the characters
     * @param to behind the last
     * @param decimal the character before a fraction
     * @param inDoubles whether it is the nearest double, and not the nearest float
     */
    static double parse(char[] text, int from, int to, char decimal, boolean inDoubles) {
        var at = from;
        var negative = at < to && text[at] == '-';
        if (negative || (at < to && text[at] == '+')) {
            at++;
        }
        var first = at;
        long digits = 0;
        for (; at < to && isDigit(text[at]); at++) {
            digits = 10 * digits + (text[at] - '0');
        }
        var count = at - first;
        var scale = 0;
        if (at < to && text[at] == decimal) {
            at++;
            var fraction = at;
            for (; at < to && isDigit(text[at]); at++) {
                digits = 10 * digits + (text[at] - '0');
            }
            scale = at - fraction;
            count += scale;
        }
        if (count == 0) {
            return Double.NaN;
        }
        var exponent = 0;
        if (at < to) {
            exponent = exponent(text, at, to);
            if (exponent == Integer.MAX_VALUE) {
                return Double.NaN;
            }
        }
        var number =
                count <= DIGITS_MAX
                        ? rounded(digits, scale - exponent, inDoubles)
                        : cut(text, first, to, decimal, exponent, inDoubles);
        return negative ? -number : number;
    }

    private static boolean isDigit(char character) {
        return character >= '0' && character <= '9';
    }

    /** Returns a number of more digits than a long holds, by the first that count. */
    private static double cut(
            char[] text, int first, int to, char decimal, int exponent, boolean inDoubles) {
        long digits = 0;
        var scale = -exponent;
        var fraction = false;
        for (var at = first; at < to; at++) {
            if (text[at] == decimal && !fraction) {
                fraction = true;
            } else if (!isDigit(text[at])) {
                break;
            } else if (digits < CUT_FROM) {
                digits = 10 * digits + (text[at] - '0');
                scale += fraction ? 1 : 0;
            } else {
                scale -= fraction ? 0 : 1;
            }
        }
        return rounded(digits, scale, inDoubles);
    }

    private static double rounded(long digits, int scale, boolean inDoubles) {
        if (Math.abs(scale) >= POWERS.length) {
            return Double.NaN;
        }
        var number = scale < 0 ? digits * POWERS[-scale] : digits / POWERS[scale];
        if (digits < EXACT_MAX) {
            return inDoubles ? number : nearestFloat(number);
        }
        return inDoubles ? Double.NaN : floatAround(number);
    }

    private static float nearestFloat(double number) {
        // Half way between two floats the digits that the double lost decide.
        return (Double.doubleToRawLongBits(number) & BELOW_FLOAT) == HALF_WAY
                ? Float.NaN
                : (float) number;
    }

    private static float floatAround(double number) {
        var low = (float) (number * (1 - ERROR_MAX));
        var high = (float) (number * (1 + ERROR_MAX));
        return low == high ? low : Float.NaN;
    }

    /** Returns what stands behind an E; the largest integer if that is not all there is. */
    private static int exponent(char[] text, int from, int to) {
        if (text[from] != 'e' && text[from] != 'E') {
            return Integer.MAX_VALUE;
        }
        var at = from + 1;
        var negative = at < to && text[at] == '-';
        if (negative || (at < to && text[at] == '+')) {
            at++;
        }
        if (at == to || to - at > EXPONENT_DIGITS_MAX) {
            return Integer.MAX_VALUE;
        }
        var exponent = 0;
        for (; at < to; at++) {
            if (text[at] < '0' || text[at] > '9') {
                return Integer.MAX_VALUE;
            }
            exponent = 10 * exponent + text[at] - '0';
        }
        return negative ? -exponent : exponent;
    }
}
