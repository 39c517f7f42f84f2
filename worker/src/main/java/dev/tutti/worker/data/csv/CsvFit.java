package dev.tutti.worker.data.csv;

import dev.tutti.common.coding.ColumnCoding;
import dev.tutti.common.coding.FeatureCoding;
import dev.tutti.common.coding.MissingRule;
import dev.tutti.common.data.DataException;
import dev.tutti.common.data.Standardization;
import dev.tutti.worker.data.source.Coding;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.stream.IntStream;

/**
 * Fits the coding of a table to its training rows. Only the categories of an embedding are those of
 * all rows: it has no place for another one. All measurements read the rows in their order.
 */
final class CsvFit {
    /** Numbers that are in memory at once, to find medians. */
    private static final int SORTED_MAX = 1 << 22;

    private final Coding coding;
    private final CsvColumns columns;
    private final CsvRows rows;
    private final int[] train;

    CsvFit(Coding coding, CsvColumns columns, CsvRows rows, int[] train) {
        this.coding = coding;
        this.columns = columns;
        this.rows = rows;
        this.train = train;
    }

    FeatureCoding coding() {
        var fills = fills();
        var counts = counts(train);
        var seen = coding.indices() ? counts(IntStream.range(0, rows.count()).toArray()) : counts;
        var codings =
                IntStream.range(0, columns.count())
                        .mapToObj(i ->
                                columns.words(i).isEmpty()
                                        ? numbers(i, fills)
                                        : words(i, counts[i], seen[i]))
                        .toList();
        return new FeatureCoding(
                codings,
                coding.standardize() ? Optional.of(standardization(codings)) : Optional.empty());
    }

    private ColumnCoding numbers(int column, double[] fills) {
        var fill = OptionalDouble.empty();
        if (coding.missing().fills()) {
            requireFilled(column, !Double.isNaN(fills[column]));
            fill = OptionalDouble.of(fills[column]);
        }
        return new ColumnCoding.Numbers(columns.names().get(column), fill);
    }

    /** Returns what fills a missing number in each column; NaN if the column has none. */
    private double[] fills() {
        return switch (coding.missing()) {
            case REFUSE, DROP -> new double[0];
            case MEAN, CLASS -> means();
            case MEDIAN -> medians();
        };
    }

    private double[] means() {
        var sums = new double[columns.count()];
        var filled = new int[sums.length];
        var row = new double[sums.length];
        for (var sample : train) {
            rows.read(sample, row);
            for (var column = 0; column < row.length; column++) {
                if (!Double.isNaN(row[column])) {
                    sums[column] += row[column];
                    filled[column]++;
                }
            }
        }
        Arrays.setAll(sums, column -> sums[column] / filled[column]); // NaN of none
        return sums;
    }

    private double[] medians() {
        var medians = new double[columns.count()];
        var together = Math.max(1, SORTED_MAX / Math.max(1, train.length));
        for (var from = 0; from < medians.length; from += together) {
            medians(from, Math.min(medians.length, from + together), medians);
        }
        return medians;
    }

    private void medians(int from, int to, double[] out) {
        var cells = new double[to - from][train.length];
        var filled = new int[to - from];
        for (var sample : train) {
            for (var i = 0; i < filled.length; i++) {
                var cell = rows.cell(sample, from + i);
                if (!Double.isNaN(cell)) {
                    cells[i][filled[i]] = cell;
                    filled[i]++;
                }
            }
        }
        for (var i = 0; i < filled.length; i++) {
            out[from + i] = filled[i] == 0 ? Double.NaN : median(cells[i], filled[i]);
        }
    }

    private static double median(double[] cells, int count) {
        Arrays.sort(cells, 0, count);
        var middle = count / 2;
        return count % 2 == 1
                ? cells[middle]
                : cells[middle - 1] + (cells[middle] - cells[middle - 1]) / 2;
    }

    private void requireFilled(int column, boolean filled) {
        if (!filled) {
            throw new DataException(
                    "%s: column \"%s\" has no value in the %d training samples: leave it out with --ignore %s"
                            .formatted(
                                    columns.file(),
                                    columns.names().get(column),
                                    train.length,
                                    columns.names().get(column)));
        }
    }

    /**
     * Codes a column of words.
     *
     * @param counts how often each comes in the training rows, and behind them the missing cells
     * @param seen the same of the rows that give the categories
     */
    private ColumnCoding words(int column, int[] counts, int[] seen) {
        var words = columns.words(column);
        var missing = words.size();
        var categories = new ArrayList<String>();
        for (var word = 0; word < words.size(); word++) {
            if (seen[word] > 0) {
                categories.add(words.get(word));
            }
        }
        if (coding.missing() == MissingRule.CLASS && seen[missing] > 0) {
            categories.add(ColumnCoding.MISSING);
        }
        requireFilled(column, !categories.isEmpty());
        categories.sort(null);
        var fill = fill(categories, words, counts);
        var name = columns.names().get(column);
        return coding.indices()
                ? new ColumnCoding.Index(name, categories, fill)
                : new ColumnCoding.OneHot(name, categories, fill);
    }

    /**
     * Returns how often each word of each column comes, and behind them the missing cells; nothing
     * of a column of numbers.
     */
    private int[][] counts(int[] samples) {
        var counts = new int[columns.count()][];
        Arrays.fill(counts, new int[0]);
        var wordColumns = columns.ofWords();
        if (wordColumns.length == 0) {
            return counts;
        }
        for (var column : wordColumns) {
            counts[column] = new int[columns.words(column).size() + 1];
        }
        for (var sample : samples) {
            for (var column : wordColumns) {
                var cell = rows.cell(sample, column);
                counts[column][Double.isNaN(cell) ? counts[column].length - 1 : (int) cell]++;
            }
        }
        return counts;
    }

    private OptionalInt fill(List<String> categories, List<String> words, int[] counts) {
        return switch (coding.missing()) {
            case REFUSE, DROP -> OptionalInt.empty();
            case CLASS -> {
                var place = categories.indexOf(ColumnCoding.MISSING);
                yield place < 0 ? OptionalInt.empty() : OptionalInt.of(place);
            }
            case MEAN, MEDIAN -> OptionalInt.of(mostFrequent(categories, words, counts));
        };
    }

    /** Returns the place of the most frequent category; the first, if there are several. */
    private static int mostFrequent(List<String> categories, List<String> words, int[] counts) {
        var best = "";
        var most = -1;
        for (var word = 0; word < words.size(); word++) {
            var name = words.get(word);
            if (counts[word] > most || (counts[word] == most && name.compareTo(best) < 0)) {
                best = name;
                most = counts[word];
            }
        }
        return categories.indexOf(best);
    }

    /** Measures the numbers; a category's 0 and 1, and its index, stay what they are. */
    private Standardization standardization(List<ColumnCoding> codings) {
        var numbers =
                IntStream.range(0, codings.size())
                        .filter(i -> codings.get(i) instanceof ColumnCoding.Numbers)
                        .toArray();
        var fills = new double[numbers.length];
        Arrays.setAll(fills, i -> fill(codings.get(numbers[i])));
        var row = new double[columns.count()];
        var measured =
                Standardization.of(
                        train.length,
                        numbers.length,
                        (index, out) -> {
                            rows.read(train[index], row);
                            for (var i = 0; i < numbers.length; i++) {
                                var cell = row[numbers[i]];
                                out[i] = Double.isNaN(cell) ? fills[i] : cell;
                            }
                        });
        var means = new ArrayList<Double>();
        var deviations = new ArrayList<Double>();
        var next = 0;
        for (var column : codings) {
            var isNumbers = column instanceof ColumnCoding.Numbers;
            for (var feature = 0; feature < column.width(); feature++) {
                means.add(isNumbers ? measured.means().get(next) : 0.0);
                deviations.add(isNumbers ? measured.deviations().get(next) : 1.0);
            }
            next += isNumbers ? 1 : 0;
        }
        return new Standardization(means, deviations);
    }

    private static double fill(ColumnCoding column) {
        return column instanceof ColumnCoding.Numbers(_, var fill)
                ? fill.orElse(Double.NaN)
                : Double.NaN;
    }
}
