package dev.tutti.worker.data.text;

import de.siegmar.fastcsv.reader.CsvParseException;
import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.FieldMismatchStrategy;
import java.io.IOException;
import java.io.Reader;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The first rows of a text, read with one delimiter.
 *
 * @param rows cells without white space around them
 * @param whole whether the text has no other rows
 * @param broken whether quotes are not as they should be
 */
record Separated(Delimiter delimiter, List<List<String>> rows, boolean whole, boolean broken) {
    private static final int ROWS_MAX = 100;
    private static final int ROWS_MIN = 3;
    private static final int CELLS_MAX = 100_000;

    /** Copies the list. */
    Separated {
        rows = List.copyOf(rows);
    }

    /** Returns a reader of all rows of a text. */
    static CsvReader<CellRow> reader(Delimiter delimiter, Reader text, RowFiller filler) {
        return reader(delimiter, text, filler, false);
    }

    private static CsvReader<CellRow> reader(
            Delimiter delimiter, Reader text, RowFiller filler, boolean cutOff) {
        return CsvReader.builder()
                .fieldSeparator(delimiter.character())
                .extraFieldStrategy(FieldMismatchStrategy.IGNORE)
                .missingFieldStrategy(FieldMismatchStrategy.IGNORE)
                .allowUnclosedQuote(cutOff)
                .build(
                        filler,
                        delimiter.equals(Delimiter.BLANKS) ? new CollapsedBlanks(text) : text);
    }

    /** Reads the rows of a head; its last row may be cut off, and is left out then. */
    static Separated of(Head head, Delimiter delimiter) {
        var rows = new ArrayList<List<String>>();
        var cells = 0;
        var text = new StringReader(head.text());
        try (var records = reader(delimiter, text, new RowFiller(), !head.whole()).iterator()) {
            while (records.hasNext()) {
                if (rows.size() == ROWS_MAX || (rows.size() >= ROWS_MIN && cells > CELLS_MAX)) {
                    return new Separated(delimiter, rows, false, false);
                }
                var row = records.next().cells();
                cells += row.size();
                rows.add(row);
            }
        } catch (CsvParseException _) {
            return new Separated(delimiter, rows, false, true);
        } catch (IOException e) {
            throw new UncheckedIOException("a text in memory cannot be read", e);
        }
        if (!head.whole() && rows.size() > 1) {
            rows.removeLast();
        }
        return new Separated(delimiter, rows, head.whole(), false);
    }

    /** Returns how many cells most rows have; the first may be names, and counts if it is alone. */
    int width() {
        var counts = new TreeMap<Integer, Integer>();
        body().forEach(row -> counts.merge(row.size(), 1, Integer::sum));
        return counts.entrySet().stream()
                .max(Comparator.comparingInt(Map.Entry::getValue))
                .map(Map.Entry::getKey)
                .orElse(0);
    }

    /** Returns the rows behind the first, or the only one. */
    List<List<String>> body() {
        return rows.size() > 1 ? rows.subList(1, rows.size()) : rows;
    }

    /**
     * Returns the share of rows that have as many cells as most; 0 if most have only one. A first
     * row with a cell less (R has no name for the names of rows) or with an empty one more counts
     * too.
     */
    double fit() {
        var width = width();
        if (width < 2) {
            return 0;
        }
        var fitting = body().stream().filter(row -> row.size() == width).count();
        var first = rows.size() > 1 && firstFits(width) ? 1 : 0;
        return (double) (fitting + first) / rows.size();
    }

    private boolean firstFits(int width) {
        var first = rows.getFirst();
        return first.size() == width
                || (first.size() == width + 1 && first.getLast().isEmpty())
                || lacksAName();
    }

    /** Tells whether the first of at least three rows has one cell less than all others. */
    boolean lacksAName() {
        if (rows.size() <= 2) {
            return false;
        }
        var names = rows.getFirst().size();
        return names >= 2 && body().stream().allMatch(row -> row.size() == names + 1);
    }

    /** Returns the columns that are empty in all rows behind the first; none if there are none. */
    BitSet empty(int width) {
        var empty = new BitSet();
        if (rows.size() > 1) {
            empty.set(0, width);
            for (var row : body()) {
                for (var i = 0; i < Math.min(width, row.size()); i++) {
                    if (!row.get(i).isEmpty()) {
                        empty.clear(i);
                    }
                }
            }
        }
        return empty;
    }
}
