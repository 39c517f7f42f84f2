package dev.tutti.deploy.command;

import dev.tutti.common.coding.MissingRule;
import dev.tutti.common.data.DataException;
import dev.tutti.common.data.Dataset;
import dev.tutti.common.data.Targets;
import dev.tutti.common.nn.Model;
import dev.tutti.common.nn.Zoo;
import dev.tutti.deploy.checks.Column;
import dev.tutti.deploy.checks.LargeValues;
import dev.tutti.deploy.checks.NothingToLearn;
import dev.tutti.deploy.checks.Spoilers;
import dev.tutti.deploy.data.TargetChoice;
import dev.tutti.deploy.data.TrainingData;
import dev.tutti.deploy.machine.LocalData;
import dev.tutti.deploy.option.RunOptions;
import dev.tutti.deploy.option.Task;
import dev.tutti.deploy.report.AlignedRows;
import dev.tutti.deploy.run.PreparedRun;
import dev.tutti.worker.data.source.DataSource;
import dev.tutti.worker.data.source.FirstRows;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * What was understood of some data.
 *
 * @param name of the data
 * @param table how the data is written, if it is a table that is not as most are
 * @param samples how many
 * @param sample shape of one
 * @param features the feature columns; of samples without named columns, one for all inputs
 * @param targets the target columns of real values
 * @param classes the classes and their samples
 * @param first the first samples
 * @param training what {@code tutti train} would do without other options
 * @param understood what was understood of columns of words and of missing values
 * @param warnings what spoils the training
 */
record DataView(
        String name,
        List<String> table,
        int samples,
        String sample,
        List<Column> features,
        List<Column> targets,
        List<ClassCount> classes,
        FirstRows first,
        Plan training,
        List<String> understood,
        List<String> warnings) {
    private static final int DIGITS = 5;
    private static final int WHOLE_DIGITS = 10;
    private static final double SMALL = 1e-4;
    private static final double LARGE = 1e9;

    /** The samples of a class. */
    record ClassCount(String name, int samples) {}

    /**
     * What would be trained.
     *
     * @param decided what the target columns were taken for; absent if the data has no columns
     * @param train samples to learn from
     */
    record Plan(
            Task task,
            @Nullable String decided,
            String loss,
            String model,
            long parameters,
            int outputs,
            int train,
            int validation,
            int test) {}

    /** Reads the data that the options of a run name; a missing value does not hinder a look. */
    static DataView of(RunOptions options) {
        var asked = TargetChoice.of(options);
        var understood = TargetChoice.understood(asked);
        var names = understood.targets();
        var mayMiss = LocalData.sources().kindOf(asked.source()).filter(DataSource::mayMiss);
        var refuses = options.coding.missing.isEmpty() && mayMiss.isPresent();
        if (refuses) {
            options.coding.missing = Optional.of(MissingRule.MEAN);
        }
        var read = TrainingData.of(options, asked.withCoding(options.coding.of(options)));
        var dataset = read.dataset();
        TargetChoice.require(options, dataset);
        var features = Column.features(dataset);
        var classes = classes(dataset);
        return new DataView(
                dataset.name(),
                understood.notes(),
                dataset.count(),
                dataset.sample().toString(),
                features,
                Column.targets(dataset),
                classes,
                FirstSamples.of(asked, dataset),
                plan(options, names, read),
                read.notes(),
                warnings(read, features, classes, refuses));
    }

    private static List<ClassCount> classes(Dataset dataset) {
        if (!(dataset.targets() instanceof Targets.Labels labels)) {
            return List.of();
        }
        var counts = labels.counts(IntStream.range(0, dataset.count()).toArray());
        return IntStream.range(0, counts.length)
                .mapToObj(k -> new ClassCount(labels.names().get(k), counts[k]))
                .toList();
    }

    private static Plan plan(RunOptions options, List<String> names, TrainingData read) {
        var dataset = read.dataset();
        var split = read.split();
        var loss = PreparedRun.lossText(options, dataset);
        var model = Model.of(Zoo.layers(options.model), dataset.sample(), dataset.outputs());
        return new Plan(
                dataset.labelled() ? Task.CLASSIFICATION : Task.REGRESSION,
                TargetChoice.line(options, names, dataset, loss).orElse(null),
                loss,
                model.text(),
                model.parameterCount(),
                dataset.outputs(),
                split.train().length,
                split.validation().length,
                split.test().length);
    }

    private static List<String> warnings(
            TrainingData read, List<Column> features, List<ClassCount> classes, boolean refuses) {
        var dataset = read.dataset();
        var warnings = new ArrayList<String>();
        if (refuses && read.missing() > 0) {
            warnings.add(
                    "%d cells are missing, which tutti train refuses: say with --missing what becomes of them"
                            .formatted(read.missing()));
        }
        try {
            NothingToLearn.lookAt(dataset, read.split().train()).ifPresent(warnings::add);
        } catch (DataException e) {
            warnings.add(String.valueOf(e.getMessage()));
        }
        warnings.addAll(LargeValues.warnings(dataset, read.lines()));
        if (!dataset.featureNames().isEmpty()) {
            warnings.addAll(Spoilers.ofFeatures(features));
        }
        warnings.addAll(
                Spoilers.ofClasses(
                        classes.stream().map(ClassCount::name).toList(),
                        classes.stream().mapToInt(ClassCount::samples).toArray()));
        return warnings;
    }

    /**
     * Returns the view as lines for a terminal.
     *
     * @param width characters of a line, for the rows of a table
     */
    List<String> lines(int width) {
        var lines = new ArrayList<String>();
        lines.add("%s: %d samples of %s".formatted(name, samples, sample));
        lines.addAll(table);
        if (training.decided() != null) {
            lines.add(training.decided());
        }
        lines.addAll(understood);
        lines.add(
                "%d samples train, %d validate, %d test"
                        .formatted(training.train(), training.validation(), training.test()));
        lines.add(
                "model %s, %d parameters, %d outputs, loss %s"
                        .formatted(
                                training.model(),
                                training.parameters(),
                                training.outputs(),
                                training.loss()));
        lines.add("");
        lines.addAll(FirstSamples.lines(first, width));
        lines.add("");
        addColumns("column", features, lines);
        if (!targets.isEmpty()) {
            lines.add("");
            addColumns("target", targets, lines);
        }
        if (!classes.isEmpty()) {
            lines.add("");
            addClasses(lines);
        }
        return lines;
    }

    private static void addColumns(String what, List<Column> columns, List<String> out) {
        var rows = new ArrayList<List<String>>();
        rows.add(List.of(what, "kind", "min", "max", "mean", "deviation"));
        for (var column : AlignedRows.firstOf(columns)) {
            rows.add(
                    List.of(
                            AlignedRows.name(column.name()),
                            column.kind().toString(),
                            number(column.min()),
                            number(column.max()),
                            number(column.mean()),
                            number(column.deviation())));
        }
        out.addAll(AlignedRows.lines(rows, 2, 6));
        AlignedRows.addRest("columns", columns.size(), "--json gives all", out);
    }

    private void addClasses(List<String> out) {
        var rows = new ArrayList<List<String>>();
        rows.add(List.of("class", "samples", "share"));
        var shown =
                classes.size() <= AlignedRows.ROWS_MAX
                        ? classes
                        : classes.stream()
                                .sorted(Comparator.comparingInt(ClassCount::samples))
                                .limit(AlignedRows.ROWS_MAX)
                                .toList();
        shown.forEach(counted -> rows.add(row(counted)));
        out.addAll(AlignedRows.lines(rows, 1, 3));
        if (classes.size() > AlignedRows.ROWS_MAX) {
            out.add(
                    "these are the %d classes of %d with the fewest samples; --json gives all"
                            .formatted(AlignedRows.ROWS_MAX, classes.size()));
        }
    }

    private List<String> row(ClassCount counted) {
        return List.of(
                AlignedRows.name(counted.name()),
                Integer.toString(counted.samples()),
                String.format(Locale.ROOT, "%.4f", (double) counted.samples() / samples));
    }

    /** Returns five digits, and an exponent only where there would be many zeros. */
    static String number(double value) {
        var size = Math.abs(value);
        if (size != 0 && (size < SMALL || size >= LARGE)) {
            return String.format(Locale.ROOT, "%.4e", value);
        }
        var digits = value == Math.rint(value) ? WHOLE_DIGITS : DIGITS;
        return new BigDecimal(value)
                .round(new MathContext(digits))
                .stripTrailingZeros()
                .toPlainString();
    }
}
