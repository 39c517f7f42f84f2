package dev.tutti.worker.data.source;

import java.util.Map;

/**
 * Whether a column of numbers holds classes or real values, if nobody says it. A number with a
 * fraction makes the column real values. Whole numbers are classes in three cases:
 *
 * <ol>
 *   <li>there are just two of them (0 and 1, −1 and 1);
 *   <li>there are at most ten, and each comes three times on the average (ratings, digits, codes);
 *   <li>they count up from 0 or 1 without a gap, and each comes at least five times (the 26
 *       letters, the 100 classes of CIFAR-100).
 * </ol>
 *
 * All others are real values: prices, years, ages, counts with their rare large ones.
 */
public final class TargetRule {
    private static final int TWO = 2;
    private static final int FEW = 10;
    private static final int FEW_SAMPLES_MIN = 3;
    private static final int NUMBERED_SAMPLES_MIN = 5;

    /** From here on a double may be whole only because it has no room for a fraction. */
    private static final double WHOLE_MAX = 0x1p53;

    private TargetRule() {}

    /** Tells whether a number is whole, and a double can tell it from its neighbours. */
    public static boolean isWhole(double number) {
        return number == Math.rint(number) && Math.abs(number) < WHOLE_MAX;
    }

    /**
     * Tells whether whole numbers are classes.
     *
     * @param samples how often each comes
     */
    public static boolean areClasses(Map<Long, Integer> samples) {
        var different = samples.size();
        if (different <= TWO) {
            return true;
        }
        var all = samples.values().stream().mapToLong(Integer::longValue).sum();
        return (different <= FEW && all >= (long) FEW_SAMPLES_MIN * different)
                || isNumbering(samples);
    }

    private static boolean isNumbering(Map<Long, Integer> samples) {
        var first = samples.containsKey(0L) ? 0L : 1L;
        for (var number = first; number < first + samples.size(); number++) {
            if (samples.getOrDefault(number, 0) < NUMBERED_SAMPLES_MIN) {
                return false;
            }
        }
        return true;
    }
}
