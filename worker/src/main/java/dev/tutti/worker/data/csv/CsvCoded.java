package dev.tutti.worker.data.csv;

import dev.tutti.common.coding.ColumnCoding;
import dev.tutti.common.coding.MissingRule;
import dev.tutti.worker.data.source.Coding;
import dev.tutti.worker.data.target.UnseenCategories;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A feature column of a model that knows how to code it.
 *
 * @param column place in the table
 * @param coding of the run
 * @param known of the column
 * @param indices of the categories
 * @param unseen is told of categories that the model does not know
 */
public record CsvCoded(
        int column,
        Coding coding,
        ColumnCoding known,
        Map<String, Integer> indices,
        UnseenCategories unseen)
        implements CsvCell {
    static CsvCoded of(int column, Coding coding, ColumnCoding known, UnseenCategories unseen) {
        var indices = new HashMap<String, Integer>();
        for (var category : categories(known)) {
            indices.put(category, indices.size());
        }
        return new CsvCoded(column, coding, known, indices, unseen);
    }

    public static List<String> categories(ColumnCoding coding) {
        return switch (coding) {
            case ColumnCoding.Numbers _ -> List.of();
            case ColumnCoding.OneHot(_, var categories, _) -> categories;
            case ColumnCoding.Index(_, var categories, _) -> categories;
        };
    }

    @Override
    public double read(CsvTable table) {
        var cell = table.cell(column);
        if (coding.tokens().has(cell)) {
            return missing(table);
        }
        return switch (known) {
            case ColumnCoding.Numbers _ -> number(table);
            case ColumnCoding.OneHot _ -> {
                var index = indices.get(cell);
                if (index == null) {
                    unseen.add(
                            words -> String.valueOf(table.refused(column, words).getMessage()),
                            indices.size());
                    yield ColumnCoding.UNSEEN;
                }
                yield index;
            }
            case ColumnCoding.Index _ -> {
                var index = indices.get(cell);
                if (index == null) {
                    throw table.refused(column, UnseenCategories.found(indices.size()));
                }
                yield index;
            }
        };
    }

    private double number(CsvTable table) {
        var number = table.numberOrNaN(column, coding.standardize());
        if (Double.isNaN(number)) {
            throw table.notANumber(column, "");
        }
        return number;
    }

    private double missing(CsvTable table) {
        if (coding.missing() == MissingRule.REFUSE) {
            throw table.missing(
                    column,
                    "the model was trained without missing values: fill the cell, leave out the row, or train with --missing");
        }
        if (coding.missing() == MissingRule.CLASS
                && known instanceof ColumnCoding.Index(_, _, var fill)
                && fill.isEmpty()) {
            throw table.missing(column, "the model was trained without missing values here");
        }
        return Double.NaN;
    }
}
