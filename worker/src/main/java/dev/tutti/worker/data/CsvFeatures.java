package dev.tutti.worker.data;

import dev.tutti.common.data.DataException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Samples to predict: comma-separated text of which only the columns that a model was trained with
 * are read.
 *
 * @param count samples
 * @param values count × features, as a model takes them before any standardisation
 */
public record CsvFeatures(int count, MemorySegment values) {
    /**
     * Reads a file, plain or gzipped.
     *
     * @param featureNames the columns in the model's order; none to take all columns as they come
     * @param width elements of one sample
     * @param reading how the table is written; without names, a file of {@code width} columns has
     *     them in the model's order
     * @throws DataException if a column is missing, or a cell is no finite number
     */
    public static CsvFeatures read(
            Path path, List<String> featureNames, int width, Reading reading, Arena arena) {
        try (var table = CsvTable.open(new SourceFile(path), reading)) {
            return read(table, featureNames, width, reading, arena);
        }
    }

    /**
     * Reads text in UTF-8 to its end, and closes it.
     *
     * @param name what refusals call the text
     */
    public static CsvFeatures read(
            String name,
            InputStream in,
            List<String> featureNames,
            int width,
            Reading reading,
            Arena arena) {
        try (var table = new CsvTable(name, in, reading)) {
            return read(table, featureNames, width, reading, arena);
        }
    }

    private static CsvFeatures read(
            CsvTable table, List<String> featureNames, int width, Reading reading, Arena arena) {
        var byPlace = reading.header() == CsvHeader.NONE && table.columns().size() == width;
        var columns =
                featureNames.isEmpty() || byPlace
                        ? IntStream.range(0, table.columns().size()).toArray()
                        : featureNames.stream().mapToInt(table::indexOf).toArray();
        if (columns.length != width) {
            throw table.refused(
                    "found %d columns, expected %d: one for each element of the model's samples"
                            .formatted(columns.length, width));
        }
        var values = new GrowingFloats();
        var count = 0;
        while (table.next()) {
            for (var column : columns) {
                values.add(table.number(column));
            }
            count = Math.incrementExact(count);
        }
        if (count == 0) {
            throw table.withoutSamples();
        }
        return new CsvFeatures(count, values.toVector(arena));
    }
}
