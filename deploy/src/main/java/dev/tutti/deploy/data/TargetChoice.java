package dev.tutti.deploy.data;

import dev.tutti.common.data.Dataset;
import dev.tutti.common.data.Targets;
import dev.tutti.common.nn.loss.Losses;
import dev.tutti.deploy.cli.Require;
import dev.tutti.deploy.cli.StandardInput;
import dev.tutti.deploy.machine.LocalData;
import dev.tutti.deploy.option.RunOptions;
import dev.tutti.deploy.option.Task;
import dev.tutti.worker.data.csv.CsvFile;
import dev.tutti.worker.data.source.DataOptions;
import dev.tutti.worker.data.source.Reading;
import dev.tutti.worker.data.source.TargetKind;
import java.util.List;
import java.util.Optional;

/**
 * Whether a run's targets are classes or real values: as the user says, by the task or by the loss,
 * or as the values of the column say. What was decided is one of the run's first lines.
 */
public final class TargetChoice {
    private static final int CLASSES_SHOWN_MAX = 5;

    private TargetChoice() {}

    /** Returns how the data of a run is read. */
    public static DataOptions of(RunOptions options) {
        if (StandardInput.is(options.data)) {
            // The temporary file's ending is none that the data has elsewhere.
            options.dataName = options.dataName.or(() -> Optional.of(StandardInput.FILE));
        }
        return options.columns.choose(
                DataOptions.of(StandardInput.place(options.data), kind(options))
                        .withTargets(options.targets.names())
                        .withReading(options.table.choose(Reading.FOUND_OUT))
                        .withCoding(options.coding.of(options)));
    }

    private static TargetKind kind(RunOptions options) {
        var wanted = options.loss.map(name -> Losses.CATALOGUE.parse(name).targets());
        if (options.task.isPresent()) {
            return switch (options.task.get()) {
                case CLASSIFICATION -> TargetKind.CLASSES;
                case REGRESSION -> {
                    Require.that(
                            wanted.isEmpty() || wanted.get() == Targets.Kind.VALUES,
                            "--task regression needs a loss over real values such as mse, was --loss "
                                    + options.loss.orElse(""));
                    yield TargetKind.VALUES;
                }
            };
        }
        return wanted.map(TargetKind::of).orElse(TargetKind.BY_VALUES);
    }

    /** Refuses data that is not for the task, where its form alone says what it is. */
    public static void require(RunOptions options, Dataset dataset) {
        options.task.ifPresent(task ->
                Require.that(
                        dataset.labelled() == (task == Task.CLASSIFICATION),
                        "--task %s does not fit %s: its targets are %s"
                                .formatted(
                                        task,
                                        dataset.name(),
                                        dataset.labelled() ? "classes" : "real values")));
    }

    /** Returns what a table was understood as; nothing if the data is no table. */
    public static CsvFile.Understood understood(DataOptions data) {
        return LocalData.sources().kindOf(data.source()).stream()
                .filter(CsvFile.class::isInstance)
                .findFirst()
                .map(_ -> CsvFile.understood(data))
                .orElse(CsvFile.Understood.NO_TABLE);
    }

    /**
     * Returns the line that says what was decided; none for data without columns.
     *
     * @param names of the target columns
     */
    public static Optional<String> line(
            RunOptions options, List<String> names, Dataset dataset, String loss) {
        if (names.isEmpty()) {
            return Optional.empty();
        }
        var decided = options.task.isEmpty() && options.loss.isEmpty() && names.size() == 1;
        var what =
                switch (dataset.targets()) {
                    case Targets.Labels(var classes, _) ->
                            "%d classes (%s), %s%s"
                                    .formatted(
                                            classes.size(),
                                            listed(classes),
                                            loss,
                                            decided && areNumbers(classes)
                                                    ? "; --task regression for real values"
                                                    : "");
                    case Targets.Values _ ->
                            "real values, %s%s"
                                    .formatted(
                                            loss,
                                            decided ? "; --task classification for classes" : "");
                };
        return Optional.of("target %s: %s".formatted(String.join(", ", names), what));
    }

    private static String listed(List<String> classes) {
        return classes.size() <= CLASSES_SHOWN_MAX
                ? String.join(", ", classes)
                : "%s, %s, …, %s".formatted(classes.get(0), classes.get(1), classes.getLast());
    }

    private static boolean areNumbers(List<String> classes) {
        return classes.stream().allMatch(name -> name.matches("-?[0-9]+"));
    }
}
