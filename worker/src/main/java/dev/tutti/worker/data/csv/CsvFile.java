package dev.tutti.worker.data.csv;

import dev.tutti.common.data.DataException;
import dev.tutti.common.data.Dataset;
import dev.tutti.worker.data.source.DataOptions;
import dev.tutti.worker.data.source.DataSource;
import dev.tutti.worker.data.source.FirstRows;
import dev.tutti.worker.data.source.NewSamples;
import dev.tutti.worker.data.source.OtherForms;
import dev.tutti.worker.data.source.RawData;
import dev.tutti.worker.data.source.SourceFile;
import dev.tutti.worker.data.source.TargetKind;
import dev.tutti.worker.data.source.TextFile;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * A table in a text file, mostly with a line of column names. The last column is the target if none
 * is named; {@link TargetKind} says what it is taken for.
 */
public record CsvFile() implements DataSource {
    @Override
    public String description() {
        return "a table in a text file, such as NAME.csv(.gz) or NAME.tsv";
    }

    /** Takes the endings that tables have, and any other file of text: so it is asked last. */
    @Override
    public boolean accepts(String source) {
        return TextFile.hasTableEnding(source)
                || TextFile.hasPackedEnding(source)
                || (TextFile.isText(Path.of(source)) && OtherForms.refusal(source).isEmpty());
    }

    @Override
    public boolean mayMiss() {
        return true;
    }

    @Override
    public Dataset open(DataOptions options, Arena arena) {
        try (var rows = read(options, arena)) {
            var all = IntStream.range(0, rows.count()).toArray();
            return rows.encode(options.coding().fitted().orElseGet(() -> rows.fit(all)));
        }
    }

    @Override
    public RawData read(DataOptions options, Arena arena) {
        try (var table = open(options)) {
            var targetColumns = targetColumns(table, options);
            var featureColumns = featureColumns(table, options, targetColumns);
            var targets = targets(table, options, targetColumns);
            return CsvReading.read(options, table, featureColumns, targets, arena);
        }
    }

    @Override
    public NewSamples samples(DataOptions options, List<String> keep, Arena arena) {
        try (var table = open(options)) {
            return CsvFeatures.read(table, options, keep, arena);
        }
    }

    @Override
    public Optional<FirstRows> firstRows(DataOptions options, int rowsMax) {
        try (var table = open(options)) {
            var columns = table.columns();
            var rows = new ArrayList<List<String>>();
            while (rows.size() < rowsMax && table.next()) {
                rows.add(IntStream.range(0, columns.size()).mapToObj(table::cell).toList());
            }
            return Optional.of(new FirstRows(columns, rows));
        }
    }

    /** Opens the table; its first row is not read yet. */
    static CsvTable open(DataOptions options) {
        return CsvTable.open(new SourceFile(Path.of(options.source())), options.reading());
    }

    /**
     * What a table was understood as.
     *
     * @param targets the names of the target columns
     * @param notes lines for the user: what was found out, and the options that say otherwise
     */
    public record Understood(List<String> targets, List<String> notes) {
        /** What there is to say of data that is no table. */
        public static final Understood NO_TABLE = new Understood(List.of(), List.of());

        /** Copies the lists. */
        public Understood {
            targets = List.copyOf(targets);
            notes = List.copyOf(notes);
        }
    }

    /**
     * Looks at the beginning of a table.
     *
     * @throws DataException if a target column is not there
     */
    public static Understood understood(DataOptions options) {
        try (var table = open(options)) {
            return new Understood(names(table, targetColumns(table, options)), table.notes());
        }
    }

    private static int[] targetColumns(CsvTable table, DataOptions options) {
        return options.targets().isEmpty()
                ? new int[] {table.columns().size() - 1}
                : columns(table, "target", options.targets());
    }

    private static int[] featureColumns(CsvTable table, DataOptions options, int[] targets) {
        var all = new BitSet();
        all.set(0, table.columns().size());
        IntStream.of(targets).forEach(all::clear);
        var features =
                options.features().isEmpty()
                        ? all.stream().toArray()
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
                                        table.name(target),
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
        if (columns.length > 1) {
            if (options.kind() == TargetKind.CLASSES) {
                throw table.refused(
                        ("classes are one target column, but there are %s: name one, or use a loss"
                                        + " such as mse or quadratic")
                                .formatted(String.join(",", names(table, columns))));
            }
            return new CsvValues(columns, options.coding().tokens());
        }
        var tokens = options.coding().tokens();
        if (!options.classes().isEmpty()) {
            return new CsvClasses(columns[0], tokens.ofClasses(), options.classes());
        }
        return switch (options.kind()) {
            case BY_VALUES -> new CsvUndecided(columns[0], tokens, false);
            case CLASSES -> new CsvClasses(columns[0], tokens.ofClasses(), List.of());
            case VALUES -> new CsvValues(columns, tokens);
            case VALUES_OR_WORDS -> new CsvUndecided(columns[0], tokens, true);
        };
    }

    private static List<String> names(CsvTable table, int[] columns) {
        return IntStream.of(columns).mapToObj(table::name).toList();
    }
}
