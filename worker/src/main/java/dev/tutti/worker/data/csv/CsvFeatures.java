package dev.tutti.worker.data.csv;

import dev.tutti.common.coding.FeatureCoding;
import dev.tutti.common.coding.MissingRule;
import dev.tutti.common.coding.RowEncoder;
import dev.tutti.common.data.Features;
import dev.tutti.common.vector.Floats;
import dev.tutti.worker.data.source.DataOptions;
import dev.tutti.worker.data.source.NewSamples;
import dev.tutti.worker.data.table.CellStore;
import dev.tutti.worker.data.table.CsvHeader;
import dev.tutti.worker.data.target.UnseenCategories;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.stream.IntStream;

/** New samples in a table, of which only the columns that a model was trained with are read. */
final class CsvFeatures {
    private CsvFeatures() {}

    /**
     * Reads a table to its end.
     *
     * @param options what the first line is, and the coding of the model; without columns in it,
     *     the table's columns are the features in their order; without column names in the table,
     *     so they are if there are as many as the model has
     * @param keep columns that are carried through
     * @throws dev.tutti.common.data.DataException if a column is missing, or a cell is not as in
     *     training
     */
    static NewSamples read(CsvTable table, DataOptions options, List<String> keep, Arena arena) {
        try (var values = new CellStore(false)) {
            return read(table, options, keep, values, arena);
        }
    }

    private static NewSamples read(
            CsvTable table, DataOptions options, List<String> keep, CellStore values, Arena arena) {
        var shape = options.sample().orElseThrow();
        var width = shape.size();
        var coding = coding(table, options, width);
        var unseen = new UnseenCategories();
        var cells = cells(table, options, coding, unseen);
        var keptColumns = keep.stream().mapToInt(table::indexOf).toArray();
        var encoder = new RowEncoder(coding);
        var kept = new ArrayList<List<String>>();
        var incomplete = new BitSet();
        var row = new double[cells.size()];
        var sample = Floats.allocate(arena, width);
        var count = 0;
        while (table.next()) {
            for (var i = 0; i < row.length; i++) {
                row[i] = cells.get(i).read(table);
                if (Double.isNaN(row[i]) && options.coding().missing() == MissingRule.DROP) {
                    incomplete.set(count);
                    row[i] = 0;
                }
            }
            encoder.encode(row, 0, sample);
            for (var i = 0; i < width; i++) {
                values.add(Floats.get(sample, i));
            }
            if (keptColumns.length > 0) {
                kept.add(IntStream.of(keptColumns).mapToObj(table::text).toList());
            }
            count = Math.incrementExact(count);
        }
        if (count == 0) {
            throw table.withoutSamples();
        }
        return new NewSamples(
                shape,
                count,
                new Features.Reals(values.toFloats(arena)),
                incomplete,
                kept,
                unseen.note().stream().toList());
    }

    private static FeatureCoding coding(CsvTable table, DataOptions options, int width) {
        var fitted = options.coding().fitted().orElse(FeatureCoding.NONE);
        var found = fitted.columns().isEmpty() ? table.columns().size() : fitted.width();
        if (found != width) {
            throw table.refused(
                    "found %d columns, expected %d: one for each element of the model's samples"
                            .formatted(found, width));
        }
        return fitted.over(table.columns());
    }

    private static List<CsvCoded> cells(
            CsvTable table, DataOptions options, FeatureCoding coding, UnseenCategories unseen) {
        var columns = columns(table, options, coding);
        var known = options.coding().with(coding);
        return IntStream.range(0, columns.length)
                .mapToObj(i -> CsvCoded.of(columns[i], known, coding.columns().get(i), unseen))
                .toList();
    }

    private static int[] columns(CsvTable table, DataOptions options, FeatureCoding coding) {
        var byPlace =
                options.reading().header() == CsvHeader.NONE
                        && table.columns().size() == coding.columns().size();
        return byPlace
                ? IntStream.range(0, table.columns().size()).toArray()
                : coding.columnNames().stream().mapToInt(table::indexOf).toArray();
    }
}
