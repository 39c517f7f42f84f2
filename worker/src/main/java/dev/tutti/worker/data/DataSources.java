package dev.tutti.worker.data;

import dev.tutti.common.data.DataException;
import dev.tutti.common.data.Dataset;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * All kinds of data sources, asked in their order.
 *
 * @param kinds a new kind is one record and one line in {@link #standard}
 */
public record DataSources(List<DataSource> kinds) {
    /** Copies the list. */
    public DataSources {
        kinds = List.copyOf(kinds);
    }

    /**
     * Returns every kind there is.
     *
     * @param cacheFolder where downloads are kept
     */
    public static DataSources standard(Path cacheFolder, DownloadProgress progress) {
        return new DataSources(
                List.of(
                        new Digits(),
                        FashionMnist.standard(cacheFolder, progress),
                        new TuttiFile(),
                        new IdxImages(),
                        new IdxFolder(),
                        new Synthetic(),
                        new CsvFile()));
    }

    /**
     * Reads the dataset that the options name into memory of {@code arena}.
     *
     * @throws DataException if there is none, or it is not as expected; one line for the user
     */
    public Dataset open(DataOptions options, Arena arena) {
        return kindOf(options.source()).orElseThrow(() -> unknown(options)).open(options, arena);
    }

    /** Returns the kind that a source is of. */
    public Optional<DataSource> kindOf(String source) {
        return kinds.stream().filter(kind -> kind.accepts(source)).findFirst();
    }

    private DataException unknown(DataOptions options) {
        var found =
                Files.exists(Path.of(options.source()))
                        ? "cannot tell what data \"%s\" holds"
                        : "no data \"%s\": there is no such file or folder";
        return new DataException(
                (found + "; expected %s")
                        .formatted(
                                options.source(),
                                kinds.stream()
                                        .map(DataSource::description)
                                        .collect(Collectors.joining(", "))));
    }
}
