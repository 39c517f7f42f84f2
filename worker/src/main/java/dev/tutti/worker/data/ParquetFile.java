package dev.tutti.worker.data;

import dev.hardwood.InputFile;
import dev.hardwood.reader.ParquetFileReader;
import dev.tutti.common.data.DataException;
import dev.tutti.common.data.Dataset;
import dev.tutti.common.data.Features;
import dev.tutti.common.kernel.Floats;
import dev.tutti.common.nn.Shape;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * A table in a Parquet file, as pandas, Polars and DuckDB write it. Features are columns of
 * numbers; the last column is the target if none is named, numbers or words.
 *
 * @param remarks learns in one line each what was decided
 * @param patience how long the file is read without a result before it counts as damaged
 */
public record ParquetFile(Consumer<String> remarks, Duration patience) implements DataSource {
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    /** Kept here, since a logger that nobody holds forgets its level. */
    private static final Logger READER = Logger.getLogger("dev.hardwood");

    static {
        READER.setLevel(Level.WARNING);
    }

    /** Returns the source with the patience that does for any disk. */
    static ParquetFile standard(Consumer<String> remarks) {
        return new ParquetFile(remarks, PATIENCE);
    }

    @Override
    public String description() {
        return "a table NAME.parquet";
    }

    @Override
    public boolean accepts(String source) {
        var name = source.toLowerCase(Locale.ROOT);
        return name.endsWith(".parquet") || name.endsWith(".pq");
    }

    @Override
    public Dataset open(DataOptions options, Arena arena) {
        options.withFeatures(List.of()).withTargets(List.of()).requireNoColumns();
        var file = new SourceFile(Path.of(options.source()));
        if (!Files.exists(file.path())) {
            throw file.refused(new NoSuchFileException(options.source()));
        }
        try (var reader = ParquetFileReader.open(InputFile.of(file.path()))) {
            return read(new ParquetTable(reader, patience), file, options, arena);
        } catch (DataException e) {
            throw file.refused(printable(e));
        } catch (IOException | RuntimeException e) {
            // The reader fails in many ways at damaged files.
            throw file.refused(
                    "it is damaged, or of a kind of Parquet that is not read (%s)"
                            .formatted(printable(e)));
        }
    }

    /** A column's name may have any character. */
    private static String printable(Exception failure) {
        return String.valueOf(failure.getMessage()).replaceAll("\\p{Cntrl}", "?");
    }

    private Dataset read(ParquetTable table, SourceFile file, DataOptions options, Arena arena)
            throws IOException {
        table.requireReadable();
        var choice = ParquetChoice.of(table, options);
        var targets = targets(table, choice.targets(), options, arena);
        var count = choice.count(table, targets.targets());
        var dataset =
                new Dataset(
                        DataOptions.nameOf(file.path()),
                        Shape.of(choice.features().size()),
                        count,
                        0,
                        choice.features(),
                        new Features.Reals(features(table, choice.features(), count, arena)),
                        targets.targets());
        choice.decided().ifPresent(words -> remark(file, words));
        remark(file, targets.decided(options));
        return dataset;
    }

    private static NumberTargets.Decided targets(
            ParquetTable table, List<String> names, DataOptions options, Arena arena) {
        if (names.size() == 1 && table.holdsWords(names.getFirst())) {
            var name = names.getFirst();
            var words = new WordTargets(name, table.words(name));
            return new NumberTargets.Decided(name, words.toTargets(options, arena));
        }
        var columns = names.stream().map(table::numbers).toList();
        var count = columns.getFirst().length;
        var all =
                new double
                        [NumberTargets.requireFits(names.getFirst(), (long) count * names.size())];
        for (var k = 0; k < columns.size(); k++) {
            for (var row = 0; row < count; row++) {
                all[row * columns.size() + k] = columns.get(k)[row];
            }
        }
        return NumberTargets.of(names, all, options, arena);
    }

    private static MemorySegment features(
            ParquetTable table, List<String> names, int count, Arena arena) {
        var width = names.size();
        var out = Floats.allocate(arena, (long) count * width);
        for (var k = 0; k < width; k++) {
            var name = names.get(k);
            var column = k;
            table.read(
                    name,
                    (row, value) -> {
                        var rounded = (float) value;
                        if (row >= count || !Float.isFinite(rounded)) {
                            throw new DataException(
                                    "column %s, row %d is %s: expected %d rows of numbers that a 32-bit float can hold"
                                            .formatted(name, row + 1, value, count));
                        }
                        Floats.set(out, (long) row * width + column, rounded);
                    });
        }
        return out;
    }

    private void remark(SourceFile file, String words) {
        remarks.accept("%s: %s".formatted(file.path().getFileName(), words));
    }
}
