package dev.tutti.common.coding;

import dev.tutti.common.data.Standardization;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * How the samples of a run became the features of its model.
 *
 * @param columns one for each column of a table, in the model's order; none for data that is no
 *     table
 * @param standardization of all features, if there is one; it leaves categories as they are
 */
public record FeatureCoding(List<ColumnCoding> columns, Optional<Standardization> standardization) {
    /** The coding that changes nothing. */
    public static final FeatureCoding NONE = new FeatureCoding(List.of(), Optional.empty());

    /** Copies the list and refuses a standardisation of another width. */
    public FeatureCoding {
        columns = List.copyOf(columns);
        var width = columns.stream().mapToInt(ColumnCoding::width).sum();
        if (!columns.isEmpty()
                && standardization.isPresent()
                && standardization.get().means().size() != width) {
            throw new IllegalArgumentException(
                    "a standardisation of %d features does not fit the %d that the columns become"
                            .formatted(standardization.get().means().size(), width));
        }
    }

    /**
     * Returns the coding of a table with these columns: of a model that was trained on no table,
     * all are numbers.
     *
     * @param names as many as the model has features
     */
    public FeatureCoding over(List<String> names) {
        if (!columns.isEmpty()) {
            return this;
        }
        return new FeatureCoding(
                names.stream()
                        .<ColumnCoding>map(
                                name -> new ColumnCoding.Numbers(name, OptionalDouble.empty()))
                        .toList(),
                standardization);
    }

    /** Returns how many features the columns become. */
    public int width() {
        return columns.stream().mapToInt(ColumnCoding::width).sum();
    }

    /** Returns the names of the features. */
    public List<String> featureNames() {
        return columns.stream().flatMap(column -> column.featureNames().stream()).toList();
    }

    /** Returns the names of the columns. */
    public List<String> columnNames() {
        return columns.stream().map(ColumnCoding::column).toList();
    }

    /** Tells whether every column is numbers, none of them ever missing. */
    public boolean isPlain() {
        return columns.stream()
                .allMatch(column ->
                        column instanceof ColumnCoding.Numbers(_, var fill) && fill.isEmpty());
    }
}
