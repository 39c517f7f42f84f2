package dev.tutti.worker.data;

import dev.tutti.common.coding.MissingRule;
import dev.tutti.common.data.DataException;
import dev.tutti.common.nn.Loss;
import java.nio.file.Path;
import java.util.List;

/**
 * What a user says about the data.
 *
 * @param source a name such as {@code digits}, or a path
 * @param features columns that go into the model, in its order; none for all but the targets
 * @param targets columns that come out of it; none for the last column
 * @param classes names of the classes, where a model knows them already; none to take those found
 * @param kind what a single target column is taken for
 * @param reading how a table is written
 * @param coding how cells become numbers
 */
public record DataOptions(
        String source,
        List<String> features,
        List<String> targets,
        List<String> classes,
        TargetKind kind,
        Reading reading,
        Coding coding) {
    /** Copies the lists and refuses a source without a name. */
    public DataOptions {
        if (source.isBlank()) {
            throw new DataException("the data has no name; expected one such as digits, or a path");
        }
        features = List.copyOf(features);
        targets = List.copyOf(targets);
        classes = List.copyOf(classes);
    }

    /**
     * Returns what messages call the data of a file or folder: its name without a table's ending.
     */
    public static String nameOf(Path place) {
        var name = place.toAbsolutePath().normalize().getFileName();
        return name == null ? "root" : CsvFile.withoutEnding(name.toString());
    }

    /** Returns the options that say nothing of columns. */
    public static DataOptions of(String source, Loss.Targets wanted) {
        return of(source, TargetKind.of(wanted));
    }

    /** Returns the options that say nothing of columns. */
    public static DataOptions of(String source, TargetKind kind) {
        return new DataOptions(
                source, List.of(), List.of(), List.of(), kind, Reading.FOUND_OUT, Coding.STANDARD);
    }

    /** Returns these options with other feature columns. */
    public DataOptions withFeatures(List<String> columns) {
        return new DataOptions(source, columns, targets, classes, kind, reading, coding);
    }

    /** Returns these options with other target columns. */
    public DataOptions withTargets(List<String> columns) {
        return new DataOptions(source, features, columns, classes, kind, reading, coding);
    }

    /** Returns these options with the classes of a model. */
    public DataOptions withClasses(List<String> names) {
        return new DataOptions(source, features, targets, names, kind, reading, coding);
    }

    /** Returns these options for a table that is written in another way. */
    public DataOptions withReading(Reading table) {
        return new DataOptions(source, features, targets, classes, kind, table, coding);
    }

    /** Returns these options with another first line. */
    public DataOptions withHeader(CsvHeader line) {
        return withReading(reading.withHeader(line));
    }

    /** Returns these options with another coding of cells. */
    public DataOptions withCoding(Coding cells) {
        return new DataOptions(source, features, targets, classes, kind, reading, cells);
    }

    /** Refuses a choice of columns, for data that has none. */
    void requireNoColumns() {
        if (!features.isEmpty() || !targets.isEmpty()) {
            throw new DataException(
                    ("data \"%s\" has no columns to choose from: leave out the choice of features"
                                    + " and targets")
                            .formatted(source));
        }
        if (!reading.equals(Reading.FOUND_OUT)) {
            throw new DataException(
                    "data \"%s\" is no table of text: leave out --header, --no-header, --delimiter, --decimal, --encoding and --ignore"
                            .formatted(source));
        }
        if (coding.missing() != MissingRule.REFUSE
                || !coding.tokens().equals(MissingTokens.STANDARD)) {
            throw new DataException(
                    "data \"%s\" has no cells that may be missing: leave out --missing and --missing-tokens"
                            .formatted(source));
        }
    }
}
