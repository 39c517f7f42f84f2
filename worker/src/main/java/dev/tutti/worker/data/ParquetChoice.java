package dev.tutti.worker.data;

import dev.tutti.common.data.DataException;
import dev.tutti.common.data.Targets;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The columns of a Parquet file that make up a dataset.
 *
 * @param features in the model's order
 * @param targets one, or several of real values
 * @param index the columns that pandas wrote its index to
 */
record ParquetChoice(List<String> features, List<String> targets, List<String> index) {
    private static final String INDEX = "__index_level_";

    /** Copies the lists. */
    ParquetChoice {
        features = List.copyOf(features);
        targets = List.copyOf(targets);
        index = List.copyOf(index);
    }

    /**
     * Returns the columns that the options name, or else the last one as the target and all others.
     *
     * @throws DataException if one is not there or named twice, or a feature holds words
     */
    static ParquetChoice of(ParquetTable table, DataOptions options) {
        var index = table.names().stream().filter(name -> name.startsWith(INDEX)).toList();
        var names = table.names().stream().filter(name -> !index.contains(name)).toList();
        if (names.isEmpty()) {
            throw new DataException("it has no columns");
        }
        var targets = options.targets().isEmpty() ? List.of(names.getLast()) : options.targets();
        var features =
                options.features().isEmpty()
                        ? names.stream().filter(name -> !targets.contains(name)).toList()
                        : options.features();
        var all = Stream.concat(features.stream(), targets.stream()).toList();
        all.forEach(table::require);
        if (features.isEmpty() || all.stream().distinct().count() < all.size()) {
            throw new DataException(
                    "expected features besides the targets %s, and each column once; it has the columns %s"
                            .formatted(String.join(", ", targets), String.join(", ", names)));
        }
        features.stream()
                .filter(table::holdsWords)
                .findFirst()
                .ifPresent(name -> {
                    throw new DataException(
                            "column %s holds words, expected numbers: name the features without it with --features %s, or write the table as CSV"
                                    .formatted(
                                            name,
                                            String.join(
                                                    ",",
                                                    features.stream()
                                                            .filter(f -> !table.holdsWords(f))
                                                            .toList())));
                });
        return new ParquetChoice(features, targets, index);
    }

    /** Returns the number of samples; refuses a file that announces another one. */
    int count(ParquetTable table, Targets found) {
        var count = found.bytes().byteSize() / Integer.BYTES;
        if (found instanceof Targets.Values) {
            count /= targets.size();
        }
        if (count != table.rows() || count < 1) {
            throw new DataException(
                    "it has %d rows, but announces %d: it is empty or damaged"
                            .formatted(count, table.rows()));
        }
        return (int) count;
    }

    /** Returns the words for what was decided, if it was not plain. */
    Optional<String> decided() {
        return index.isEmpty()
                ? Optional.empty()
                : Optional.of("left out: " + String.join(", ", index) + ", the index of pandas");
    }
}
