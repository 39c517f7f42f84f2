package dev.tutti.worker.data;

import dev.tutti.common.data.Dataset;
import dev.tutti.common.data.Features;
import dev.tutti.common.nn.Loss;
import dev.tutti.common.nn.Shape;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/**
 * Comma-separated text with a line of column names. The last column is the target if none is named;
 * it is classes if the loss wants them or it holds words, and real values otherwise.
 */
public record CsvFile() implements DataSource {
    @Override
    public String description() {
        return "a file NAME.csv(.gz) with a line of column names";
    }

    @Override
    public boolean accepts(String source) {
        var name = source.toLowerCase(Locale.ROOT);
        return name.endsWith(".csv") || name.endsWith(".csv.gz");
    }

    @Override
    public Dataset open(DataOptions options, Arena arena) {
        var file = new SourceFile(Path.of(options.source()));
        try (var table = CsvTable.open(file)) {
            var targetColumns = targetColumns(table, options);
            var featureColumns = featureColumns(table, options, targetColumns);
            if (!table.next()) {
                throw table.refused("it has no samples, only column names");
            }
            var targets = targets(table, options, targetColumns);
            var features = new GrowingFloats();
            var count = 0;
            do {
                for (var column : featureColumns) {
                    features.add(table.number(column));
                }
                targets.add(table);
                count = Math.incrementExact(count);
            } while (table.next());
            return new Dataset(
                    name(file),
                    Shape.of(featureColumns.length),
                    count,
                    0,
                    names(table, featureColumns),
                    new Features.Reals(features.toVector(arena)),
                    targets.toTargets(table, arena));
        }
    }

    private static int[] targetColumns(CsvTable table, DataOptions options) {
        return options.targets().isEmpty()
                ? new int[] {table.columns().size() - 1}
                : columns(table, "target", options.targets());
    }

    private static int[] featureColumns(CsvTable table, DataOptions options, int[] targets) {
        var all = IntStream.range(0, table.columns().size());
        var features =
                options.features().isEmpty()
                        ? all.filter(i -> IntStream.of(targets).noneMatch(t -> t == i)).toArray()
                        : columns(table, "feature", options.features());
        if (features.length == 0) {
            throw table.refused(
                    "no column is left for a feature besides the targets %s"
                            .formatted(String.join(",", names(table, targets))));
        }
        for (var target : targets) {
            if (IntStream.of(features).anyMatch(i -> i == target)) {
                throw table.refused(
                        "column \"%s\" is both a feature and a target; the targets are %s"
                                .formatted(
                                        table.columns().get(target),
                                        String.join(",", names(table, targets))));
            }
        }
        return features;
    }

    private static int[] columns(CsvTable table, String what, List<String> names) {
        var columns = names.stream().mapToInt(table::indexOf).toArray();
        if (IntStream.of(columns).distinct().count() < columns.length) {
            throw table.refused(
                    "a %s column is named twice: %s".formatted(what, String.join(",", names)));
        }
        return columns;
    }

    private static CsvTargets targets(CsvTable table, DataOptions options, int[] columns) {
        if (options.wanted() == Loss.Targets.LABELS && columns.length > 1) {
            throw table.refused(
                    ("the loss needs class labels, one target column, but there are %s: name one,"
                                    + " or use a loss such as mse or quadratic")
                            .formatted(String.join(",", names(table, columns))));
        }
        // Words can only be classes; a loss over values then gets them one-hot.
        return columns.length == 1
                        && (options.wanted() == Loss.Targets.LABELS
                                || !options.classes().isEmpty()
                                || !CsvTable.isNumber(table.cell(columns[0])))
                ? new CsvClasses(columns[0], options.classes())
                : new CsvValues(columns);
    }

    private static List<String> names(CsvTable table, int[] columns) {
        return IntStream.of(columns).mapToObj(table.columns()::get).toList();
    }

    private static String name(SourceFile file) {
        return String.valueOf(file.path().getFileName()).replaceFirst("(?i)\\.csv(\\.gz)?$", "");
    }
}
