package dev.tutti.worker.data;

import dev.tutti.common.data.DataException;
import dev.tutti.common.data.Dataset;
import dev.tutti.worker.data.csv.CsvFile;
import dev.tutti.worker.data.download.DownloadProgress;
import dev.tutti.worker.data.drawn.Digits;
import dev.tutti.worker.data.drawn.Drawn;
import dev.tutti.worker.data.drawn.Synthetic;
import dev.tutti.worker.data.folder.CifarFolder;
import dev.tutti.worker.data.folder.ImageFolder;
import dev.tutti.worker.data.idx.FashionMnist;
import dev.tutti.worker.data.idx.IdxFolder;
import dev.tutti.worker.data.idx.IdxImages;
import dev.tutti.worker.data.matrix.LibSvmFile;
import dev.tutti.worker.data.matrix.NumpyFile;
import dev.tutti.worker.data.parquet.ParquetFile;
import dev.tutti.worker.data.source.DataOptions;
import dev.tutti.worker.data.source.DataSource;
import dev.tutti.worker.data.source.FirstRows;
import dev.tutti.worker.data.source.NewSamples;
import dev.tutti.worker.data.source.OtherForms;
import dev.tutti.worker.data.source.RawData;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
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
     * Returns every kind there is; what they decide is told to nobody.
     *
     * @param cacheFolder where downloads are kept
     */
    public static DataSources standard(Path cacheFolder, DownloadProgress progress) {
        return standard(cacheFolder, progress, _ -> {});
    }

    /**
     * Returns every kind there is.
     *
     * @param cacheFolder where downloads are kept
     * @param remarks learns in one line each what was decided about some data
     */
    public static DataSources standard(
            Path cacheFolder, DownloadProgress progress, Consumer<String> remarks) {
        return new DataSources(
                List.of(
                        new Digits(),
                        FashionMnist.standard(cacheFolder, progress),
                        new NumpyFile(remarks),
                        ParquetFile.standard(remarks),
                        new LibSvmFile(remarks),
                        new TuttiFile(),
                        new IdxImages(),
                        new CifarFolder(remarks),
                        new IdxFolder(remarks),
                        new ImageFolder(remarks),
                        new Synthetic(),
                        new Drawn(),
                        new CsvFile()));
    }

    /**
     * Reads the dataset that the options name into memory of {@code arena}.
     *
     * @throws DataException if there is none, or it is not as expected; one line for the user
     */
    public Dataset open(DataOptions options, Arena arena) {
        return kind(options).open(options, arena);
    }

    /**
     * Reads the data that the options name so far that its coding can be fitted.
     *
     * @throws DataException as {@link #open}
     */
    public RawData read(DataOptions options, Arena arena) {
        return kind(options).read(options, arena);
    }

    /**
     * Reads new samples for a model.
     *
     * @param keep columns that are carried through
     * @throws DataException as {@link DataSource#samples}
     */
    public NewSamples samples(DataOptions options, List<String> keep, Arena arena) {
        return kinds.stream()
                .filter(kind -> kind.acceptsSamples(options.source()))
                .findFirst()
                .orElseThrow(() -> unknown(options))
                .samples(options, keep, arena);
    }

    /**
     * Returns the first rows of a table.
     *
     * @return nothing if the data is no table
     * @throws DataException as {@link #open}
     */
    public Optional<FirstRows> firstRows(DataOptions options, int rowsMax) {
        return kind(options).firstRows(options, rowsMax);
    }

    /** Returns the kind that a source is of. */
    public Optional<DataSource> kindOf(String source) {
        return kinds.stream().filter(kind -> kind.accepts(source)).findFirst();
    }

    private DataSource kind(DataOptions options) {
        return kindOf(options.source()).orElseThrow(() -> unknown(options));
    }

    private DataException unknown(DataOptions options) {
        var exists = Files.exists(Path.of(options.source()));
        var other = exists ? OtherForms.refusal(options.source()) : Optional.<String>empty();
        if (other.isPresent()) {
            return new DataException(other.get());
        }
        var found =
                exists
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
