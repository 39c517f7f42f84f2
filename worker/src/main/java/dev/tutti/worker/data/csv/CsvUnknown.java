package dev.tutti.worker.data.csv;

import dev.tutti.common.data.DataException;
import dev.tutti.worker.data.source.Coding;
import java.util.Optional;

/**
 * A feature column while its kind is found out: it is words if at least half of its filled cells
 * are no numbers.
 */
final class CsvUnknown implements CsvCell {
    private final int column;
    private final Coding coding;
    private final boolean numbersMayBeMissing;
    private int filled;
    private int words;
    private int missing;
    private Optional<Refusal> firstWord = Optional.empty();
    private Optional<Refusal> firstMissing = Optional.empty();

    /** A refusal, and the line that it is about. */
    record Refusal(long line, DataException exception) {}

    /**
     * Makes a column of which nothing is known.
     *
     * @param numbersMayBeMissing whether numbers may stand for missing values
     */
    CsvUnknown(int column, Coding coding, boolean numbersMayBeMissing) {
        this.column = column;
        this.coding = coding;
        this.numbersMayBeMissing = numbersMayBeMissing;
    }

    @Override
    public double read(CsvTable table) {
        if (numbersMayBeMissing && coding.tokens().has(table.cell(column))) {
            return missing(table);
        }
        var number = table.numberOrNaN(column, coding.standardize());
        if (!Double.isNaN(number)) {
            filled++;
            return number;
        }
        var cell = table.cell(column);
        if (coding.tokens().has(cell)) {
            return missing(table);
        }
        filled++;
        words++;
        if (firstWord.isEmpty()) {
            firstWord =
                    Optional.of(
                            new Refusal(
                                    table.line(),
                                    table.notANumber(
                                            column,
                                            ", but most cells of the column are numbers: correct it, or, if it stands for a missing value, give --missing-tokens %s and --missing"
                                                    .formatted(cell))));
        }
        return WORD;
    }

    private double missing(CsvTable table) {
        missing++;
        if (firstMissing.isEmpty()) {
            firstMissing =
                    Optional.of(
                            new Refusal(
                                    table.line(),
                                    table.missing(
                                            column,
                                            "--missing drop leaves such rows out, --missing mean, median or class fills such cells")));
        }
        return Double.NaN;
    }

    /** Tells whether the column holds words. */
    boolean isWords() {
        return words > 0 && 2L * words >= filled;
    }

    /** Returns how many cells hold something. */
    int filled() {
        return filled;
    }

    /** Returns how many cells are missing. */
    int missing() {
        return missing;
    }

    /** Returns the first word, if there is one in a column of numbers. */
    Optional<Refusal> strayWord() {
        return isWords() ? Optional.empty() : firstWord;
    }

    /** Returns the first missing cell. */
    Optional<Refusal> firstMissing() {
        return firstMissing;
    }
}
