package dev.tutti.worker.data.table;

import dev.tutti.common.data.DataException;
import dev.tutti.worker.data.text.PlainNumber;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * How missing values are written in a table, in capital or small letters; an empty cell always is
 * one.
 *
 * @param words in small letters
 */
public record MissingTokens(Set<String> words) {
    /** What pandas takes for missing, and the question mark of the UCI repository. */
    public static final MissingTokens STANDARD =
            new MissingTokens(
                    Set.of(
                            "?",
                            "na",
                            "n/a",
                            "<na>",
                            "#na",
                            "#n/a",
                            "#n/a n/a",
                            "nan",
                            "-nan",
                            "null",
                            "none",
                            "1.#ind",
                            "-1.#ind",
                            "1.#qnan",
                            "-1.#qnan"));

    /**
     * What is no class, although classes may be words: "none" and "NA" may well be names of
     * classes.
     */
    static final MissingTokens NO_CLASS =
            new MissingTokens(Set.of("?", "n/a", "nan", "inf", "-inf"));

    /** Copies the set. */
    public MissingTokens {
        words = Set.copyOf(words);
    }

    /**
     * Returns the tokens that a user lists.
     *
     * @param list none for the standard ones
     * @throws DataException if one is blank
     */
    public static MissingTokens of(List<String> list) {
        if (list.isEmpty()) {
            return STANDARD;
        }
        var words = new LinkedHashSet<String>();
        for (var token : list) {
            if (token.isBlank()) {
                throw new DataException(
                        "--missing-tokens has an empty token: an empty cell is always missing; expected words such as NA,?");
            }
            words.add(token.strip().toLowerCase(Locale.ROOT));
        }
        return new MissingTokens(words);
    }

    /** Tells whether a cell, without space around it, stands for a missing value. */
    public boolean has(String cell) {
        return cell.isEmpty() || words.contains(cell.toLowerCase(Locale.ROOT));
    }

    /** Tells whether numbers are among them, such as -999. */
    public boolean hasNumbers() {
        return words.stream().anyMatch(PlainNumber::isNumber);
    }

    /** Returns what a target column of classes takes for missing. */
    public MissingTokens ofClasses() {
        return this.equals(STANDARD) ? NO_CLASS : this;
    }
}
