package dev.tutti.worker.data.matrix;

import dev.tutti.common.data.DataException;
import dev.tutti.worker.data.source.SourceFile;
import dev.tutti.worker.data.table.CellStore;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/** Rows of {@code label index:value …} while they are read; what is 0 takes no memory. */
final class SparseRows implements AutoCloseable {
    /** More features than any known set has; less than fills the memory with places for them. */
    static final int INDEX_MAX = 1 << 26;

    private static final int INDEX_DIGITS_MAX = 9;
    private static final int SHOWN_MAX = 40;
    private static final Pattern BLANKS = Pattern.compile("[ \\t]+");

    private final DoubleStream.Builder labels = DoubleStream.builder();
    private final IntStream.Builder lengths = IntStream.builder();
    private final IntStream.Builder indices = IntStream.builder();
    private final CellStore values = new CellStore(false);
    private final boolean labelled;
    private int count;
    private int indexMin = Integer.MAX_VALUE;
    private int indexMax = -1;

    /**
     * Makes an empty collection.
     *
     * @param labelled whether each row must begin with a label; new samples may come without
     */
    SparseRows(boolean labelled) {
        this.labelled = labelled;
    }

    /** Takes an element that is in a row. */
    @FunctionalInterface
    interface Sink {
        void take(int row, int index, float value);
    }

    /**
     * Reads a file to its end.
     *
     * @throws DataException naming the line that is something else
     */
    void read(SourceFile file) {
        var before = count;
        try (var reader =
                new BufferedReader(
                        new InputStreamReader(file.open(), StandardCharsets.ISO_8859_1))) {
            var number = 0L;
            for (var line = reader.readLine(); line != null; line = reader.readLine()) {
                number++;
                var comment = line.indexOf('#');
                var row = (comment < 0 ? line : line.substring(0, comment)).strip();
                if (!row.isEmpty()) {
                    add(new Line(file, number, row));
                }
            }
        } catch (IOException e) {
            throw file.refused(e);
        }
        if (count == before) {
            throw file.refused("it has no rows, expected such as \"1 3:0.5 7:2\"");
        }
    }

    /** A row of a file. */
    private record Line(SourceFile file, long number, String text) {
        DataException refused(String found, String expected) {
            var shown = found.replaceAll("\\p{Cntrl}", "?");
            return file.refused(
                    "line %d: found \"%s\", expected %s"
                            .formatted(
                                    number,
                                    shown.length() <= SHOWN_MAX
                                            ? shown
                                            : shown.substring(0, SHOWN_MAX) + "…",
                                    expected));
        }

        double number(String word, String expected) {
            try {
                var plain = word.chars().allMatch(c -> "+-.eE0123456789".indexOf(c) >= 0);
                if (plain) {
                    return Double.parseDouble(word);
                }
            } catch (NumberFormatException _) {
                // Refused below.
            }
            throw refused(word, expected);
        }
    }

    private void add(Line line) {
        var words = BLANKS.split(line.text(), -1);
        var first = labelled || words[0].indexOf(':') < 0 ? 1 : 0;
        if (first == 1) {
            addLabel(line, words[0]);
        }
        var last = -1;
        for (var i = first; i < words.length; i++) {
            last = add(line, words[i], last);
        }
        lengths.add(words.length - first);
        count = Math.incrementExact(count);
    }

    private void addLabel(Line line, String word) {
        if (word.contains(",")) {
            throw line.refused(word, "one label: rows of several labels are not read");
        }
        labels.add(line.number(word, "a label that is a number, such as -1, 1 or 0.5"));
    }

    /** Returns the index of the element. */
    private int add(Line line, String word, int last) {
        var colon = word.indexOf(':');
        var left = word.substring(0, Math.max(0, colon));
        if (left.toLowerCase(Locale.ROOT).equals("qid")) {
            throw line.refused(word, "features: rows for ranking are not read");
        }
        if (left.isEmpty()
                || left.length() > INDEX_DIGITS_MAX
                || !left.chars().allMatch(c -> c >= '0' && c <= '9')) {
            throw line.refused(word, "index:value such as 3:0.5");
        }
        var index = Integer.parseInt(left);
        if (index <= last) {
            throw line.refused(word, "an index above %d: they go up in a row".formatted(last));
        }
        if (index > INDEX_MAX) {
            throw line.refused(word, "an index of at most %d".formatted(INDEX_MAX));
        }
        var expected = "a value that a 32-bit float can hold";
        var value = (float) line.number(word.substring(colon + 1), expected);
        if (!Float.isFinite(value)) {
            throw line.refused(word, expected);
        }
        indexMin = Math.min(indexMin, index);
        indexMax = Math.max(indexMax, index);
        indices.add(index);
        values.add(value);
        return index;
    }

    /** Returns the number of rows. */
    int count() {
        return count;
    }

    /** Returns the smallest index; more than the largest if there is none. */
    int indexMin() {
        return indexMin;
    }

    /** Returns the largest index; −1 if there is none. */
    int indexMax() {
        return indexMax;
    }

    /** Returns the rows' labels; nothing can be added from now on. */
    double[] labels() {
        return labels.build().toArray();
    }

    /** Gives all elements, row by row; nothing can be added from now on. */
    void forEach(Sink sink) {
        var index = indices.build().iterator();
        var at = 0L;
        var row = 0;
        for (var length = lengths.build().iterator(); length.hasNext(); row++) {
            for (var left = length.nextInt(); left > 0; left--) {
                sink.take(row, index.nextInt(), (float) values.get(at));
                at++;
            }
        }
    }

    @Override
    public void close() {
        values.close();
    }
}
