package dev.tutti.worker.data.text;

/**
 * A cell that is a number with a decimal point and nothing else between its digits. Java alone
 * would also take "NaN", "1d" and "0x1p3", which no other reader of such a file does.
 */
public final class PlainNumber {
    private PlainNumber() {}

    /** Tells whether a cell is written as a number: digits, point, exponent, sign. */
    public static boolean isNumber(String cell) {
        return !Float.isNaN(toFloat(cell));
    }

    /** Returns the number, rounded once to a float; NaN if the cell is none. */
    public static float toFloat(String cell) {
        try {
            return isSpelledAsNumber(cell) ? Float.parseFloat(cell) : Float.NaN;
        } catch (NumberFormatException _) {
            return Float.NaN;
        }
    }

    /** Returns the number, rounded once to a double; NaN if the cell is none. */
    public static double toDouble(String cell) {
        try {
            return isSpelledAsNumber(cell) ? Double.parseDouble(cell) : Double.NaN;
        } catch (NumberFormatException _) {
            return Double.NaN;
        }
    }

    private static boolean isSpelledAsNumber(String cell) {
        for (var i = 0; i < cell.length(); i++) {
            var c = cell.charAt(i);
            if ((c < '0' || c > '9') && "+-.eE".indexOf(c) < 0) {
                return false;
            }
        }
        return true;
    }
}
