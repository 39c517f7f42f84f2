package dev.tutti.worker.data.parquet;

import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import dev.tutti.common.coding.ColumnCoding;
import dev.tutti.common.coding.MissingRule;
import dev.tutti.common.data.DataException;
import dev.tutti.worker.data.csv.CsvCoded;
import dev.tutti.worker.data.csv.CsvWords;
import dev.tutti.worker.data.source.Coding;
import dev.tutti.worker.data.target.UnseenCategories;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Optional;

/**
 * The feature cells of a Parquet file, read column by column: numbers, numbers of words, and NaN
 * where a value is missing. What counts as missing in a column of words is the same as in text.
 */
final class ParquetCells implements AutoCloseable {
    private final ParquetTable table;
    private final Coding coding;
    private final String file;
    private final Arena arena = Arena.ofConfined();
    private final boolean doubles;
    private final MemorySegment cells; // columns × rows
    private final int count;
    private final int width;
    private final BitSet incomplete = new BitSet(); // rows with a missing value
    private final int[] missing; // cells of each column
    private final List<List<String>> words = new ArrayList<>();
    private final UnseenCategories unseen = new UnseenCategories();

    /**
     * Makes room for cells.
     *
     * @param file its name in messages
     * @param count rows that there are
     * @param width columns
     */
    ParquetCells(ParquetTable table, Coding coding, String file, int count, int width) {
        this.table = table;
        this.coding = coding;
        this.file = file;
        this.doubles = coding.standardize();
        this.count = count;
        this.width = width;
        this.missing = new int[width];
        var bytes = doubles ? Double.BYTES : Float.BYTES;
        this.cells = arena.allocate((long) count * width * bytes, bytes);
    }

    private void set(int column, int row, double number) {
        var place = (long) column * count + row;
        if (doubles) {
            cells.setAtIndex(JAVA_DOUBLE, place, number);
        } else {
            cells.setAtIndex(JAVA_FLOAT, place, (float) number);
        }
    }

    private double get(int column, int row) {
        var place = (long) column * count + row;
        return doubles ? cells.getAtIndex(JAVA_DOUBLE, place) : cells.getAtIndex(JAVA_FLOAT, place);
    }

    /** Reads the cells of a row. */
    void row(int row, double[] out) {
        for (var column = 0; column < width; column++) {
            out[column] = get(column, row);
        }
    }

    /**
     * Reads a column whose coding is not known.
     *
     * @param column place among the features
     * @throws DataException if it is free text or has no value, or one is missing that must not be
     */
    void read(int column, String name) {
        if (table.holdsWords(name)) {
            var found = new CsvWords(count);
            readWords(column, name, word -> found.isFreeText() ? 0 : found.numberOf(word));
            if (found.isFreeText(count - missing[column])) {
                throw new DataException(
                        "more than half of the cells of column \"%s\" are different words, which is free text and no set of categories: leave it out with --ignore %s"
                                .formatted(name, name));
            }
            words.add(found.words());
        } else {
            readNumbers(column, name);
            words.add(List.of());
        }
        if (missing[column] == count) {
            throw new DataException(
                    "column \"%s\" has no value at all: leave it out with --ignore %s"
                            .formatted(name, name));
        }
    }

    /**
     * Reads a column whose coding is that of a model.
     *
     * @param column place among the features
     * @throws DataException if its cells are not as in training
     */
    void read(int column, ColumnCoding known) {
        var name = known.column();
        if (known instanceof ColumnCoding.Numbers) {
            if (table.holdsWords(name)) {
                throw new DataException(
                        "column %s holds words, but the model was trained with numbers there"
                                .formatted(name));
            }
            readNumbers(column, name);
        } else {
            readKnown(column, known);
        }
        words.add(List.of());
    }

    private void readKnown(int column, ColumnCoding known) {
        var name = known.column();
        if (!table.holdsWords(name)) {
            throw new DataException(
                    "column %s holds no words, but the model was trained with words there"
                            .formatted(name));
        }
        var indices = new HashMap<String, Integer>();
        for (var category : CsvCoded.categories(known)) {
            indices.put(category, indices.size());
        }
        readWords(
                column,
                name,
                word -> Optional.ofNullable(indices.get(word)).orElse((int) ColumnCoding.UNSEEN));
        for (var row = 0; row < count; row++) {
            if (get(column, row) == ColumnCoding.UNSEEN) {
                unseen(row, known, indices.size());
            }
        }
    }

    private void unseen(int row, ColumnCoding known, int categories) {
        var place = "column %s, row %d ".formatted(known.column(), row + 1);
        if (known instanceof ColumnCoding.Index) {
            throw new DataException(place + UnseenCategories.found(categories));
        }
        unseen.add(words -> "%s: %s%s".formatted(file, place, words), categories);
    }

    /** Gives a word of a column its number. */
    @FunctionalInterface
    private interface Numbering {
        int of(String word);
    }

    private void readWords(int column, String name, Numbering numbering) {
        requireRows(
                name,
                table.readWords(
                        name,
                        (row, text) -> {
                            requireRow(name, row);
                            var word = text.strip();
                            if (coding.tokens().has(word)) {
                                miss(column, name, row);
                            } else {
                                set(column, row, numbering.of(word));
                            }
                        }));
    }

    private void readNumbers(int column, String name) {
        requireRows(
                name,
                table.readNumbers(
                        name,
                        (row, value) -> {
                            requireRow(name, row);
                            if (Double.isNaN(value)) {
                                miss(column, name, row);
                            } else if (Float.isInfinite((float) value)) {
                                throw new DataException(
                                        "column %s, row %d is %s: expected a number that a 32-bit float can hold"
                                                .formatted(name, row + 1, value));
                            } else {
                                set(column, row, value);
                            }
                        }));
    }

    private void miss(int column, String name, int row) {
        set(column, row, Double.NaN);
        missing[column]++;
        incomplete.set(row);
        if (coding.missing() == MissingRule.REFUSE) {
            throw new DataException(
                    "column %s, row %d is missing: %s"
                            .formatted(
                                    name,
                                    row + 1,
                                    coding.fitted().isPresent()
                                            ? "the model was trained without missing values: fill the cell, leave out the row, or train with --missing"
                                            : "--missing drop leaves such rows out, --missing mean, median or class fills such cells"));
        }
    }

    private void requireRow(String name, int row) {
        if (row >= count) {
            throw damaged(name, row + 1);
        }
    }

    private void requireRows(String name, int rows) {
        if (rows != count) {
            throw damaged(name, rows);
        }
    }

    private DataException damaged(String name, int rows) {
        return new DataException(
                "column %s has %d rows, expected %d: the file is damaged"
                        .formatted(name, rows, count));
    }

    /** Returns the rows with a missing value. */
    BitSet incomplete() {
        return incomplete;
    }

    /** Returns the missing cells of each column. */
    int[] missing() {
        return missing.clone();
    }

    /** Returns the different words of each column, by their number; none of numbers. */
    List<List<String>> words() {
        return words;
    }

    /** Returns the categories that a known coding does not have. */
    UnseenCategories unseen() {
        return unseen;
    }

    /** Gives back the cells' memory. */
    @Override
    public void close() {
        arena.close();
    }
}
