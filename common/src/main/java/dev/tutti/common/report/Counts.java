package dev.tutti.common.report;

import org.jspecify.annotations.Nullable;

/**
 * The answers for one class: right ones, wrong ones, and missed ones. The figures are
 * scikit-learn's {@code precision_recall_fscore_support}; one whose denominator is 0 is absent.
 *
 * @param right samples of the class that the model gives the class (true positives)
 * @param wrong samples of others that the model gives the class (false positives)
 * @param missed samples of the class that the model gives another (false negatives)
 */
record Counts(int right, int wrong, int missed) {
    /** Returns right / (right + wrong); absent if the model never answers the class. */
    @Nullable Double precision() {
        return ratio(right, (long) right + wrong);
    }

    /** Returns right / (right + missed); absent if no sample is of the class. */
    @Nullable Double recall() {
        return ratio(right, (long) right + missed);
    }

    /**
     * Returns 2·right / (2·right + wrong + missed), the harmonic mean of precision and recall;
     * absent if the class is neither among the samples nor among the answers.
     */
    @Nullable Double f1() {
        return ratio(2L * right, 2L * right + wrong + missed);
    }

    private static @Nullable Double ratio(long part, long whole) {
        return whole == 0 ? null : (double) part / whole;
    }
}
