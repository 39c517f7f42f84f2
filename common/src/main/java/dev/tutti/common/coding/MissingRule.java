package dev.tutti.common.coding;

import java.util.Locale;

/** What becomes of a missing value in a feature column. */
public enum MissingRule {
    /** It is an error. */
    REFUSE,
    /** The row is left out. */
    DROP,
    /** The mean of the training rows takes its place; of words, the most frequent one. */
    MEAN,
    /** The median of the training rows takes its place; of words, the most frequent one. */
    MEDIAN,
    /** Of words, it is a category of its own; of numbers, the mean takes its place. */
    CLASS;

    /** Tells whether something takes the place of a missing value. */
    public boolean fills() {
        return switch (this) {
            case MEAN, MEDIAN, CLASS -> true;
            case REFUSE, DROP -> false;
        };
    }

    /** Returns the word for it on the command line. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
