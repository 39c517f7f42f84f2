package dev.tutti.worker.data;

import dev.tutti.common.coding.ColumnCoding;
import dev.tutti.common.coding.FeatureCoding;
import dev.tutti.common.coding.MissingRule;
import dev.tutti.common.data.DataException;
import dev.tutti.common.data.Standardization;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.stream.IntStream;

/**
 * Fits the coding of a table to its training rows. Only the categories of an embedding are those of
 * all rows: it has no place for another one.
 */
final class CsvFit {
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
        var codings =
                IntStream.range(0, columns.count())
                        .mapToObj(i -> columns.words(i).isEmpty() ? numbers(i) : words(i))
                        .toList();
        return new FeatureCoding(
                codings,
                coding.standardize() ? Optional.of(standardization(codings)) : Optional.empty());
    }

    private ColumnCoding numbers(int column) {
        return new ColumnCoding.Numbers(
                columns.names().get(column),
                switch (coding.missing()) {
                    case REFUSE, DROP -> OptionalDouble.empty();
                    case MEAN, CLASS -> OptionalDouble.of(mean(column));
                    case MEDIAN -> OptionalDouble.of(median(column));
                });
    }

    private double mean(int column) {
        var sum = 0.0;
        var filled = 0;
        for (var row : train) {
            var cell = rows.cell(row, column);
            if (!Double.isNaN(cell)) {
                sum += cell;
                filled++;
            }
        }
        requireFilled(column, filled);
        return sum / filled;
    }

    private double median(int column) {
        var sorted =
                Arrays.stream(train)
                        .mapToDouble(row -> rows.cell(row, column))
                        .filter(cell -> !Double.isNaN(cell))
                        .sorted()
                        .toArray();
        requireFilled(column, sorted.length);
        var middle = sorted.length / 2;
        return sorted.length % 2 == 1
                ? sorted[middle]
                : sorted[middle - 1] + (sorted[middle] - sorted[middle - 1]) / 2;
    }

    private void requireFilled(int column, int filled) {
        if (filled == 0) {
            throw new DataException(
                    "%s: column \"%s\" has no value in the %d training samples: leave it out with --ignore %s"
                            .formatted(
                                    columns.file(),
                                    columns.names().get(column),
                                    train.length,
                                    columns.names().get(column)));
        }
    }

    private ColumnCoding words(int column) {
        var words = columns.words(column);
        var counts = counts(column, train);
        var seen = coding.indices() ? counts(column, all()) : counts;
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
        requireFilled(column, categories.size());
        categories.sort(null);
        var fill = fill(categories, words, counts);
        var name = columns.names().get(column);
        return coding.indices()
                ? new ColumnCoding.Index(name, categories, fill)
                : new ColumnCoding.OneHot(name, categories, fill);
    }

    private int[] all() {
        return IntStream.range(0, rows.count()).toArray();
    }

    /** Returns how often each word comes, and behind them the missing cells. */
    private int[] counts(int column, int[] samples) {
        var counts = new int[columns.words(column).size() + 1];
        for (var sample : samples) {
            var cell = rows.cell(sample, column);
            counts[Double.isNaN(cell) ? counts.length - 1 : (int) cell]++;
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
        var measured =
                Standardization.of(
                        train.length,
                        numbers.length,
                        (index, out) -> read(codings, numbers, train[index], out));
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

    private void read(List<ColumnCoding> codings, int[] numbers, int sample, double[] out) {
        for (var i = 0; i < numbers.length; i++) {
            var cell = rows.cell(sample, numbers[i]);
            out[i] =
                    codings.get(numbers[i]) instanceof ColumnCoding.Numbers(_, var fill)
                                    && Double.isNaN(cell)
                            ? fill.orElse(cell)
                            : cell;
        }
    }
}
