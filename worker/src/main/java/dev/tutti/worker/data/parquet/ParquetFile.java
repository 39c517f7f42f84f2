package dev.tutti.worker.data.parquet;

import dev.hardwood.InputFile;
import dev.hardwood.reader.ParquetFileReader;
import dev.tutti.common.data.DataException;
import dev.tutti.common.data.Dataset;
import dev.tutti.worker.data.source.DataOptions;
import dev.tutti.worker.data.source.DataSource;
import dev.tutti.worker.data.source.FirstRows;
import dev.tutti.worker.data.source.NewSamples;
import dev.tutti.worker.data.source.RawData;
import dev.tutti.worker.data.source.SourceFile;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.IntStream;

/**
 * A table in a Parquet file, as pandas, Polars and DuckDB write it. Features are columns of numbers
 * or of words; the last column is the target if none is named.
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
    public static ParquetFile standard(Consumer<String> remarks) {
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
    public boolean mayMiss() {
        return true;
    }

    @Override
    public Dataset open(DataOptions options, Arena arena) {
        try (var rows = read(options, arena)) {
            var all = IntStream.range(0, rows.count()).toArray();
            return rows.encode(options.coding().fitted().orElseGet(() -> rows.fit(all)));
        }
    }

    @Override
    public RawData read(DataOptions options, Arena arena) {
        return opened(
                options,
                (table, reading) -> {
                    var choice = ParquetChoice.of(table, options);
                    var rows = reading.rows(choice, arena);
                    choice.decided().ifPresent(words -> remark(options, words));
                    remark(options, rows.decided().decided(options));
                    return rows.data();
                });
    }

    @Override
    public NewSamples samples(DataOptions options, List<String> keep, Arena arena) {
        return opened(options, (_, reading) -> reading.samples(keep, arena));
    }

    @Override
    public Optional<FirstRows> firstRows(DataOptions options, int rowsMax) {
        return Optional.of(opened(options, (_, reading) -> reading.firstRows(rowsMax)));
    }

    /** Reads something of an open file. */
    @FunctionalInterface
    private interface Work<T> {
        T of(ParquetTable table, ParquetReading reading);
    }

    private <T> T opened(DataOptions options, Work<T> work) {
        options.requireNoText();
        var file = new SourceFile(Path.of(options.source()));
        if (!Files.exists(file.path())) {
            throw file.refused(new NoSuchFileException(options.source()));
        }
        try (var reader = ParquetFileReader.open(InputFile.of(file.path()))) {
            var table = new ParquetTable(reader, patience);
            table.requireReadable();
            return work.of(table, new ParquetReading(table, options, options.source()));
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

    private void remark(DataOptions options, String words) {
        remarks.accept("%s: %s".formatted(Path.of(options.source()).getFileName(), words));
    }
}
