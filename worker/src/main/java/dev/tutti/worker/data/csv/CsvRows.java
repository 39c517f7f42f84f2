package dev.tutti.worker.data.csv;

import dev.tutti.common.coding.ColumnCoding;
import dev.tutti.common.coding.FeatureCoding;
import dev.tutti.common.coding.RowEncoder;
import dev.tutti.common.data.Dataset;
import dev.tutti.common.data.Features;
import dev.tutti.common.data.Targets;
import dev.tutti.common.vector.Floats;
import dev.tutti.common.vector.Shape;
import dev.tutti.worker.data.source.DataOptions;
import dev.tutti.worker.data.source.RawData;
import dev.tutti.worker.data.table.CellStore;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.function.IntToLongFunction;

/** A table as it was read. */
public final class CsvRows implements RawData {
    private final DataOptions options;
    private final CsvColumns columns;
    private final CellStore cells; // rows × columns
    private final int[] kept; // rows that are samples
    private final Targets targets;
    private final CsvNotes notes;
    private final IntToLongFunction lines;
    private final Arena arena;

    /**
     * Makes it of what was read.
     *
     * @param cells of each row and column: a number, the number of a word, or NaN if it is missing;
     *     closed by {@link #close}
     * @param kept the rows that are samples
     * @param targets of the samples
     * @param notes what the user is told
     * @param lines the line of the file that a row stands in, counted from 1; 0 if it has none
     * @param arena for the dataset
     */
    public CsvRows(
            DataOptions options,
            CsvColumns columns,
            CellStore cells,
            int[] kept,
            Targets targets,
            CsvNotes notes,
            IntToLongFunction lines,
            Arena arena) {
        this.options = options;
        this.columns = columns;
        this.cells = cells;
        this.kept = kept;
        this.targets = targets;
        this.notes = notes;
        this.lines = lines;
        this.arena = arena;
    }

    @Override
    public int count() {
        return kept.length;
    }

    @Override
    public int testCount() {
        return 0;
    }

    @Override
    public Targets targets() {
        return targets;
    }

    @Override
    public FeatureCoding fit(int[] trainRows) {
        return new CsvFit(options.coding(), columns, this, trainRows).coding();
    }

    @Override
    public Dataset encode(FeatureCoding fitted) {
        var coding = fitted.over(columns.names());
        var width = coding.width();
        var features = Floats.allocate(arena, (long) kept.length * width);
        var encoder = new RowEncoder(coding);
        var wordColumns = columns.ofWords();
        var places = new int[wordColumns.length][];
        Arrays.setAll(places, i -> places(wordColumns[i], coding));
        var row = new double[columns.count()];
        for (var sample = 0; sample < kept.length; sample++) {
            read(sample, row);
            for (var i = 0; i < places.length; i++) {
                row[wordColumns[i]] = place(places[i], row[wordColumns[i]]);
            }
            encoder.encode(row, (long) sample * width, features);
        }
        return new Dataset(
                DataOptions.nameOf(Path.of(options.source())),
                Shape.of(width),
                kept.length,
                0,
                coding.featureNames(),
                new Features.Reals(features),
                targets);
    }

    /** Reads the cells of a sample. */
    void read(int sample, double[] out) {
        cells.get((long) kept[sample] * out.length, out);
    }

    /** Returns one cell of a sample. */
    double cell(int sample, int column) {
        return cells.get((long) kept[sample] * columns.count() + column);
    }

    /** Returns the place of each word of a column among its categories; below 0 if it has none. */
    private int[] places(int column, FeatureCoding coding) {
        var categories = CsvCoded.categories(coding.columns().get(column));
        return columns.words(column).stream()
                .mapToInt(word -> Collections.binarySearch(categories, word))
                .map(place -> place < 0 ? (int) ColumnCoding.UNSEEN : place)
                .toArray();
    }

    private double place(int[] places, double cell) {
        if (Double.isNaN(cell)) {
            return cell;
        }
        var place = places[(int) cell];
        if (place < 0) {
            notes.addUnseen();
        }
        return place;
    }

    @Override
    public long missing() {
        return notes.missing();
    }

    @Override
    public List<String> notes() {
        return notes.lines();
    }

    @Override
    public long line(int sample) {
        return lines.applyAsLong(kept[sample]);
    }

    @Override
    public void close() {
        cells.close();
    }
}
