package dev.tutti.worker.data.parquet;

import dev.tutti.common.coding.FeatureCoding;
import dev.tutti.common.coding.MissingRule;
import dev.tutti.common.coding.RowEncoder;
import dev.tutti.common.data.DataException;
import dev.tutti.common.data.Features;
import dev.tutti.common.vector.Floats;
import dev.tutti.worker.data.csv.CsvColumns;
import dev.tutti.worker.data.csv.CsvNotes;
import dev.tutti.worker.data.csv.CsvRows;
import dev.tutti.worker.data.csv.CsvTargets;
import dev.tutti.worker.data.source.DataOptions;
import dev.tutti.worker.data.source.FirstRows;
import dev.tutti.worker.data.source.NewSamples;
import dev.tutti.worker.data.source.RawData;
import dev.tutti.worker.data.table.CellStore;
import dev.tutti.worker.data.target.NumberTargets;
import dev.tutti.worker.data.target.WordTargets;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.stream.IntStream;

/** One reading of a Parquet file, for training or for a model. */
final class ParquetReading {
    private final ParquetTable table;
    private final DataOptions options;
    private final String file;

    /**
     * Begins a reading.
     *
     * @param file what refusals call it
     */
    ParquetReading(ParquetTable table, DataOptions options, String file) {
        this.table = table;
        this.options = options;
        this.file = file;
    }

    /**
     * What was read for training.
     *
     * @param decided what the targets were taken for
     */
    record Rows(RawData data, NumberTargets.Decided decided) {}

    /** The targets as they are in the file: numbers, or else the words of one column. */
    private record RawTargets(List<double[]> numbers, List<String> words) {
        int count() {
            return numbers.isEmpty() ? words.size() : numbers.getFirst().length;
        }
    }

    /**
     * Reads features and targets.
     *
     * @throws DataException if a column is neither numbers nor categories, or a value is missing
     *     that must not be
     */
    Rows rows(ParquetChoice choice, Arena arena) {
        var raw = targets(choice.targets());
        requireCount(raw.count());
        var names = choice.features();
        var count = raw.count();
        try (var read = new ParquetCells(table, options.coding(), file, count, names.size())) {
            readColumns(names, read);
            return rows(choice, raw, read, arena);
        }
    }

    private Rows rows(ParquetChoice choice, RawTargets raw, ParquetCells read, Arena arena) {
        var names = choice.features();
        var count = raw.count();
        var dropped = dropped(choice.targets(), raw, read);
        var kept = IntStream.range(0, count).filter(row -> !dropped.get(row)).toArray();
        if (kept.length == 0) {
            throw new DataException(
                    "each of its %d rows has a missing value, and --missing drop leaves none: fill them with --missing mean, or leave out columns"
                            .formatted(count));
        }
        var columns = new CsvColumns(file, names, read.words());
        var notes =
                new CsvNotes(
                        options.coding(),
                        columns,
                        options.coding().fitted().isPresent() ? new int[0] : read.missing(),
                        count - kept.length,
                        count,
                        read.unseen());
        var decided = decided(choice.targets(), raw, kept, arena);
        return new Rows(
                new CsvRows(
                        options,
                        columns,
                        byRows(read, count, names.size()),
                        kept,
                        decided.targets(),
                        notes,
                        _ -> 0,
                        arena),
                decided);
    }

    private CellStore byRows(ParquetCells read, int count, int width) {
        var cells = new CellStore(options.coding().standardize());
        try {
            var row = new double[width];
            for (var i = 0; i < count; i++) {
                read.row(i, row);
                cells.add(row);
            }
            return cells;
        } catch (OutOfMemoryError e) {
            cells.close();
            throw e;
        }
    }

    private void readColumns(List<String> names, ParquetCells read) {
        var known = options.coding().fitted().map(coding -> coding.over(names).columns());
        for (var i = 0; i < names.size(); i++) {
            if (known.isPresent()) {
                read.read(i, known.get().get(i));
            } else {
                read.read(i, names.get(i));
            }
        }
    }

    private RawTargets targets(List<String> names) {
        return names.size() == 1 && table.holdsWords(names.getFirst())
                ? new RawTargets(List.of(), table.words(names.getFirst()))
                : new RawTargets(names.stream().map(table::numbers).toList(), List.of());
    }

    /** Refuses a file that announces another number of rows than it has. */
    private void requireCount(int count) {
        if (count != table.rows() || count < 1) {
            throw new DataException(
                    "it has %d rows, but announces %d: it is empty or damaged"
                            .formatted(count, table.rows()));
        }
    }

    private BitSet dropped(List<String> names, RawTargets raw, ParquetCells read) {
        var absent = absent(names, raw);
        if (options.coding().missing() != MissingRule.DROP) {
            if (!absent.isEmpty()) {
                throw new DataException(
                        "target %s, row %d is missing; %s"
                                .formatted(
                                        String.join(", ", names),
                                        absent.nextSetBit(0) + 1,
                                        CsvTargets.HELP));
            }
            return new BitSet();
        }
        absent.or(read.incomplete());
        return absent;
    }

    /** Returns the rows without a target. */
    private BitSet absent(List<String> names, RawTargets raw) {
        var absent = new BitSet();
        var tokens = options.coding().tokens().ofClasses();
        for (var row = 0; row < raw.words().size(); row++) {
            absent.set(row, tokens.has(raw.words().get(row).strip()));
        }
        for (var k = 0; k < raw.numbers().size(); k++) {
            var numbers = raw.numbers().get(k);
            if (numbers.length != raw.count()) {
                throw new DataException(
                        "column %s has %d rows, expected %d: the file is damaged"
                                .formatted(names.get(k), numbers.length, raw.count()));
            }
            IntStream.range(0, numbers.length)
                    .filter(row -> Double.isNaN(numbers[row]))
                    .forEach(absent::set);
        }
        return absent;
    }

    private NumberTargets.Decided decided(
            List<String> names, RawTargets raw, int[] kept, Arena arena) {
        if (raw.numbers().isEmpty()) {
            var name = names.getFirst();
            var words = IntStream.of(kept).mapToObj(raw.words()::get).toList();
            return new NumberTargets.Decided(
                    name, new WordTargets(name, words).toTargets(options, arena));
        }
        var width = names.size();
        var all =
                new double[NumberTargets.requireFits(names.getFirst(), (long) kept.length * width)];
        for (var k = 0; k < width; k++) {
            for (var i = 0; i < kept.length; i++) {
                all[i * width + k] = raw.numbers().get(k)[kept[i]];
            }
        }
        return NumberTargets.of(names, all, options, arena);
    }

    /**
     * Reads new samples: the columns that a model was trained with, by their names; all columns, if
     * it was trained on data without columns.
     *
     * @param keep columns that are carried through
     */
    NewSamples samples(List<String> keep, Arena arena) {
        var shape = options.sample().orElseThrow();
        var fitted = options.coding().fitted().orElse(FeatureCoding.NONE);
        var names = fitted.columns().isEmpty() ? table.names() : fitted.columnNames();
        var width = fitted.over(names).width();
        if (width != shape.size()) {
            throw new DataException(
                    "found %d columns, expected %d: one for each element of the model's samples"
                            .formatted(width, shape.size()));
        }
        names.forEach(table::require);
        var count = table.count(names.getFirst());
        requireCount(count);
        var kept = keep.stream().map(name -> table.texts(name, Integer.MAX_VALUE)).toList();
        try (var read = new ParquetCells(table, options.coding(), file, count, names.size())) {
            readColumns(names, read);
            var features = encoded(fitted.over(names), read, count, arena);
            var dropped =
                    options.coding().missing() == MissingRule.DROP
                            ? read.incomplete()
                            : new BitSet();
            var note = read.unseen().note();
            return new NewSamples(
                    shape, count, features, dropped, rows(kept, count), note.stream().toList());
        }
    }

    private static Features encoded(
            FeatureCoding coding, ParquetCells read, int count, Arena arena) {
        var features = Floats.allocate(arena, (long) count * coding.width());
        var encoder = new RowEncoder(coding);
        var row = new double[coding.columns().size()];
        for (var sample = 0; sample < count; sample++) {
            read.row(sample, row);
            encoder.encode(row, (long) sample * coding.width(), features);
        }
        return new Features.Reals(features);
    }

    private static List<List<String>> rows(List<List<String>> columns, int count) {
        if (columns.isEmpty()) {
            return List.of();
        }
        return IntStream.range(0, count)
                .mapToObj(row -> columns.stream().map(column -> column.get(row)).toList())
                .toList();
    }

    /** Returns the first rows of the columns that are there to train on. */
    FirstRows firstRows(int rowsMax) {
        var choice = ParquetChoice.of(table, options);
        var names = new ArrayList<>(choice.features());
        names.addAll(choice.targets());
        var columns = names.stream().map(name -> table.texts(name, rowsMax)).toList();
        return new FirstRows(names, rows(columns, columns.getFirst().size()));
    }
}
