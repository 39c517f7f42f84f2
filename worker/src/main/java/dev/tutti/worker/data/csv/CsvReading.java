package dev.tutti.worker.data.csv;

import dev.tutti.common.coding.MissingRule;
import dev.tutti.common.data.DataException;
import dev.tutti.worker.data.source.DataOptions;
import dev.tutti.worker.data.source.RawData;
import dev.tutti.worker.data.table.CellStore;
import dev.tutti.worker.data.target.UnseenCategories;
import java.lang.foreign.Arena;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * One reading of a table. Numbers and targets are read first, and with them what the columns are;
 * only if some are words, the table is read once more for these.
 */
final class CsvReading {
    private static final int NAMED_MAX = 5;

    private final DataOptions options;
    private final CsvTable table;
    private final int[] columns;
    private final CsvTargets targets;
    private final CellStore cells;
    private final BitSet incomplete = new BitSet(); // rows with a missing value
    private int count;

    private CsvReading(DataOptions options, CsvTable table, int[] columns, CsvTargets targets) {
        this.options = options;
        this.table = table;
        this.columns = columns;
        this.targets = targets;
        this.cells = new CellStore(options.coding().standardize());
    }

    /**
     * Reads a table to its end.
     *
     * @param columns of the features
     * @throws DataException if a column is neither numbers nor categories, or a value is missing
     *     that must not be
     */
    static RawData read(
            DataOptions options, CsvTable table, int[] columns, CsvTargets targets, Arena arena) {
        var reading = new CsvReading(options, table, columns, targets);
        try {
            return options.coding().fitted().isPresent()
                    ? reading.readWithCoding(arena)
                    : reading.readUnknown(arena);
        } catch (DataException | OutOfMemoryError e) {
            reading.cells.close();
            throw e;
        } finally {
            targets.close();
        }
    }

    private RawData readWithCoding(Arena arena) {
        var names = IntStream.range(0, columns.length).mapToObj(this::name).toList();
        var fitted = options.coding().fitted().orElseThrow();
        var width = fitted.standardization().map(measured -> measured.means().size());
        if (fitted.columns().isEmpty() && width.isPresent() && width.get() != columns.length) {
            throw table.refused(
                    "found %d columns, expected %d: one for each element of the model's samples"
                            .formatted(columns.length, width.get()));
        }
        var known = fitted.over(names).columns();
        var unseen = new UnseenCategories();
        readCells(
                IntStream.range(0, columns.length)
                        .<CsvCell>mapToObj(i ->
                                CsvCoded.of(columns[i], options.coding(), known.get(i), unseen))
                        .toList());
        return rows(arena, List.of(), List.of(), unseen);
    }

    private RawData readUnknown(Arena arena) {
        var numbersMayBeMissing = options.coding().tokens().hasNumbers();
        var found =
                IntStream.of(columns)
                        .mapToObj(column ->
                                new CsvUnknown(column, options.coding(), numbersMayBeMissing))
                        .toList();
        readCells(found);
        refuseStrays(found);
        requireFilled(found);
        return rows(arena, found, words(found), new UnseenCategories());
    }

    private void readCells(List<? extends CsvCell> readers) {
        var cellReaders = readers.toArray(CsvCell[]::new);
        var row = new double[cellReaders.length];
        while (table.next()) {
            var missing = false;
            for (var i = 0; i < row.length; i++) {
                row[i] = cellReaders[i].read(table);
                missing |= Double.isNaN(row[i]);
            }
            cells.add(row);
            if (missing) {
                incomplete.set(count);
            }
            targets.add(table);
            count = Math.incrementExact(count);
        }
        if (count == 0) {
            throw table.withoutSamples();
        }
    }

    private void refuseStrays(List<CsvUnknown> found) {
        refuseFirst(found, CsvUnknown::strayWord);
        if (options.coding().missing() == MissingRule.REFUSE) {
            refuseFirst(found, CsvUnknown::firstMissing);
        }
    }

    /** Refuses the first line that a column has something against. */
    private static void refuseFirst(
            List<CsvUnknown> found, Function<CsvUnknown, Optional<CsvUnknown.Refusal>> refusals) {
        found.stream()
                .map(refusals)
                .flatMap(Optional::stream)
                .min(Comparator.comparingLong(CsvUnknown.Refusal::line))
                .ifPresent(refusal -> {
                    throw refusal.exception();
                });
    }

    private void requireFilled(List<CsvUnknown> found) {
        for (var i = 0; i < columns.length; i++) {
            if (found.get(i).filled() == 0) {
                throw table.refused(
                        "column \"%s\" has no value at all: leave it out with --ignore %s"
                                .formatted(name(i), name(i)));
            }
        }
    }

    private String name(int i) {
        return table.name(columns[i]);
    }

    /** Returns the words of the columns that are words; nothing for the others. */
    private List<Optional<CsvWords>> words(List<CsvUnknown> found) {
        var words =
                found.stream()
                        .map(column ->
                                column.isWords()
                                        ? Optional.of(new CsvWords(column.filled()))
                                        : Optional.<CsvWords>empty())
                        .toList();
        if (words.stream().anyMatch(Optional::isPresent)) {
            readWords(words);
            refuseFreeText(words);
        }
        return words;
    }

    private void readWords(List<Optional<CsvWords>> words) {
        var places =
                IntStream.range(0, columns.length).filter(i -> words.get(i).isPresent()).toArray();
        try (var again = CsvFile.open(options)) {
            for (var row = 0; row < count; row++) {
                if (!again.next()) {
                    throw table.refused("it has changed while it was read");
                }
                for (var i : places) {
                    readWord(again, row, i, words.get(i).orElseThrow());
                }
            }
        }
    }

    private void readWord(CsvTable again, int row, int i, CsvWords words) {
        var index = (long) row * columns.length + i;
        if (!Double.isNaN(cells.get(index)) && !words.isFreeText()) {
            cells.set(index, words.numberOf(again.cell(columns[i])));
        }
    }

    private void refuseFreeText(List<Optional<CsvWords>> words) {
        var free =
                IntStream.range(0, columns.length)
                        .filter(i -> words.get(i).filter(CsvWords::isFreeText).isPresent())
                        .mapToObj(this::name)
                        .toList();
        if (!free.isEmpty()) {
            var numbers =
                    words.stream()
                            .flatMap(Optional::stream)
                            .filter(CsvWords::isFreeText)
                            .flatMap(column -> column.words().stream().limit(1))
                            .flatMap(word -> table.remedy(word).stream())
                            .findFirst();
            throw table.refused(
                    "more than half of the cells of column%s %s are different words, which is free text and no set of categories: leave it out with --ignore %s%s"
                            .formatted(
                                    free.size() == 1 ? "" : "s",
                                    free.stream()
                                            .limit(NAMED_MAX)
                                            .map(name -> "\"%s\"".formatted(name))
                                            .collect(Collectors.joining(", ")),
                                    String.join(",", free),
                                    numbers.map("; if they are numbers, "::concat).orElse("")));
        }
    }

    private CsvRows rows(
            Arena arena,
            List<CsvUnknown> found,
            List<Optional<CsvWords>> words,
            UnseenCategories unseen) {
        var kind = targets.decided();
        var dropped = dropped(kind);
        var kept = kept(dropped);
        if (kept.length == 0) {
            throw table.refused(
                    "each of its %d rows has a missing value, and --missing drop leaves none: fill them with --missing mean, or leave out columns"
                            .formatted(count));
        }
        var names = IntStream.range(0, columns.length).mapToObj(this::name).toList();
        var known =
                new CsvColumns(
                        table.name(),
                        names,
                        words.stream()
                                .map(column -> column.map(CsvWords::words).orElse(List.of()))
                                .toList());
        var notes =
                new CsvNotes(
                        options.coding(),
                        known,
                        found.stream().mapToInt(CsvUnknown::missing).toArray(),
                        count - kept.length,
                        count,
                        unseen);
        return new CsvRows(
                options,
                known,
                cells,
                kept,
                kind.toTargets(table, kept, arena),
                notes,
                this::line,
                arena);
    }

    private long line(int row) {
        try (var again = CsvFile.open(options)) {
            for (var i = 0; i <= row; i++) {
                if (!again.next()) {
                    throw again.refused("it has no row %d any more".formatted(row + 1));
                }
            }
            return again.line();
        }
    }

    private int[] kept(BitSet dropped) {
        var kept = new int[count - dropped.cardinality()];
        var row = -1;
        for (var i = 0; i < kept.length; i++) {
            row = dropped.nextClearBit(row + 1);
            kept[i] = row;
        }
        return kept;
    }

    private BitSet dropped(CsvTargets kind) {
        var dropped = new BitSet();
        if (options.coding().missing() == MissingRule.DROP) {
            dropped.or(incomplete);
            dropped.or(kind.missing().rows());
        } else {
            kind.missing()
                    .first()
                    .ifPresent(refusal -> {
                        throw refusal;
                    });
        }
        return dropped;
    }
}
