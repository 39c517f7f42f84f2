package dev.tutti.worker.data.parquet;

import dev.tutti.common.data.DataException;
import dev.tutti.worker.data.source.DataOptions;
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
     * @throws DataException if one is not there, named twice, or left out as well
     */
    static ParquetChoice of(ParquetTable table, DataOptions options) {
        var index = table.names().stream().filter(name -> name.startsWith(INDEX)).toList();
        var ignored = options.reading().ignored();
        ignored.forEach(table::require);
        var names =
                table.names().stream()
                        .filter(name -> !index.contains(name) && !ignored.contains(name))
                        .toList();
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
        all.stream()
                .filter(ignored::contains)
                .findFirst()
                .ifPresent(name -> {
                    throw new DataException(
                            "column \"%s\" is named, but --ignore leaves it out: name it in one place only"
                                    .formatted(name));
                });
        if (features.isEmpty() || all.stream().distinct().count() < all.size()) {
            throw new DataException(
                    "expected features besides the targets %s, and each column once; it has the columns %s"
                            .formatted(String.join(", ", targets), String.join(", ", names)));
        }
        return new ParquetChoice(features, targets, index);
    }

    /** Returns the words for what was decided, if it was not plain. */
    Optional<String> decided() {
        return index.isEmpty()
                ? Optional.empty()
                : Optional.of("left out: " + String.join(", ", index) + ", the index of pandas");
    }
}
