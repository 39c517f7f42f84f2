package dev.tutti.worker.data.source;

import dev.tutti.common.coding.FeatureCoding;
import dev.tutti.common.coding.MissingRule;
import dev.tutti.common.data.DataException;
import dev.tutti.common.data.Targets;
import dev.tutti.common.vector.Shape;
import dev.tutti.worker.data.table.CsvHeader;
import dev.tutti.worker.data.table.MissingTokens;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

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
 * @param sample shape of the samples that a model takes; none if there is no model yet
 */
public record DataOptions(
        String source,
        List<String> features,
        List<String> targets,
        List<String> classes,
        TargetKind kind,
        Reading reading,
        Coding coding,
        Optional<Shape> sample) {
    private static final int NAMES_MAX = 20;
    private static final int IMAGE_RANK = 3;

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
        return name == null ? "root" : TextFile.withoutTableEnding(name.toString());
    }

    /** Returns the options that say nothing of columns. */
    public static DataOptions of(String source, Targets.Kind wanted) {
        return of(source, TargetKind.of(wanted));
    }

    /** Returns the options that say nothing of columns. */
    public static DataOptions of(String source, TargetKind kind) {
        return new DataOptions(
                source,
                List.of(),
                List.of(),
                List.of(),
                kind,
                Reading.FOUND_OUT,
                Coding.STANDARD,
                Optional.empty());
    }

    /** Returns these options with other feature columns. */
    public DataOptions withFeatures(List<String> columns) {
        return new DataOptions(source, columns, targets, classes, kind, reading, coding, sample);
    }

    /** Returns these options with other target columns. */
    public DataOptions withTargets(List<String> columns) {
        return new DataOptions(source, features, columns, classes, kind, reading, coding, sample);
    }

    /** Returns these options with the classes of a model. */
    public DataOptions withClasses(List<String> names) {
        return new DataOptions(source, features, targets, names, kind, reading, coding, sample);
    }

    /** Returns these options for a table that is written in another way. */
    public DataOptions withReading(Reading table) {
        return new DataOptions(source, features, targets, classes, kind, table, coding, sample);
    }

    /** Returns these options with another first line. */
    public DataOptions withHeader(CsvHeader line) {
        return withReading(reading.withHeader(line));
    }

    /** Returns these options with another coding of cells. */
    public DataOptions withCoding(Coding cells) {
        return new DataOptions(source, features, targets, classes, kind, reading, cells, sample);
    }

    /** Returns these options for a model that takes samples of this shape. */
    public DataOptions withSample(Shape shape) {
        return new DataOptions(
                source, features, targets, classes, kind, reading, coding, Optional.of(shape));
    }

    /**
     * Refuses samples that the model does not take.
     *
     * @param name what messages call the data
     * @throws DataException with what was found, what was expected and what to do
     */
    public void requireSample(String name, Shape found) {
        if (sample.isPresent() && !sample.get().equals(found)) {
            throw new DataException(
                    "%s has samples of %s, the model takes %s: %s"
                            .formatted(name, found, sample.get(), remedy(found, sample.get())));
        }
    }

    private String remedy(Shape found, Shape wanted) {
        if (found.size() == wanted.size()) {
            return "write them as arrays of that shape, such as with numpy.reshape";
        }
        if (wanted.rank() == 1) {
            var columns = coding.fitted().map(FeatureCoding::columnNames).orElse(List.of());
            return columns.isEmpty() || columns.size() > NAMES_MAX
                    ? "give as many numbers a sample as it was trained with"
                    : "give the columns that it was trained with, " + String.join(", ", columns);
        }
        var images = found.rank() == IMAGE_RANK && wanted.rank() == IMAGE_RANK;
        if (images && found.extent(0) != wanted.extent(0)) {
            return wanted.extent(0) == 1
                    ? "make the images grey, or train on images with colours"
                    : "give images of %d channels".formatted(wanted.extent(0));
        }
        return images
                ? "resize them to %d×%d".formatted(wanted.extent(1), wanted.extent(2))
                : "give samples as it was trained with";
    }

    /** Refuses what is said of a table's text, for data that is none; columns may be left out. */
    public void requireNoText() {
        if (!reading.withIgnored(List.of()).equals(Reading.FOUND_OUT)) {
            throw new DataException(
                    "data \"%s\" is no table of text: leave out --header, --no-header, --delimiter, --decimal and --encoding"
                            .formatted(source));
        }
    }

    /**
     * Refuses to carry columns through, for new samples that have none.
     *
     * @param keep names of columns
     */
    public void requireNothingKept(List<String> keep) {
        if (!keep.isEmpty()) {
            throw new DataException(
                    "data \"%s\" has no columns with names: leave out --keep %s"
                            .formatted(source, String.join(",", keep)));
        }
    }

    /**
     * Refuses a choice of columns, for data whose columns are all taken as they are.
     *
     * @param own names of the features, which a model may name
     */
    public void requireNoColumns(List<String> own) {
        (features.equals(own) ? withFeatures(List.of()) : this).requireNoColumns();
    }

    /** Refuses a choice of columns, for data that has none. */
    public void requireNoColumns() {
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
