package dev.tutti.worker.data;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.tutti.common.data.DatasetFile;
import dev.tutti.worker.data.csv.CsvFile;
import dev.tutti.worker.data.drawn.Digits;
import dev.tutti.worker.data.drawn.Drawn;
import dev.tutti.worker.data.drawn.Synthetic;
import dev.tutti.worker.data.folder.CifarFiles;
import dev.tutti.worker.data.folder.CifarFolder;
import dev.tutti.worker.data.folder.ImageFiles;
import dev.tutti.worker.data.folder.ImageFolder;
import dev.tutti.worker.data.idx.FashionMnist;
import dev.tutti.worker.data.idx.IdxFiles;
import dev.tutti.worker.data.idx.IdxFolder;
import dev.tutti.worker.data.idx.IdxImages;
import dev.tutti.worker.data.matrix.LibSvmFile;
import dev.tutti.worker.data.matrix.NumpyFile;
import dev.tutti.worker.data.matrix.NumpyFiles;
import dev.tutti.worker.data.parquet.ParquetFile;
import dev.tutti.worker.data.parquet.ParquetFileTest;
import dev.tutti.worker.data.source.DataOptions;
import dev.tutti.worker.data.source.DataSource;
import dev.tutti.worker.data.source.TargetKind;
import java.lang.foreign.Arena;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Named;

/**
 * Data of one kind that is right.
 *
 * @param kind of source
 * @param source how it is written
 * @param files what it is read from; none if it needs no files
 */
public record SourceExample(DataSource kind, String source, List<Path> files) {
    /** Writes an example. */
    @FunctionalInterface
    public interface Maker {
        SourceExample in(Path folder);
    }

    /** Returns what writes an example of each kind, by a name for the tests. */
    public static List<Named<Maker>> all() {
        return List.of(
                named("digits", _ -> new SourceExample(new Digits(), "digits", List.of())),
                named(
                        "synthetic",
                        _ -> new SourceExample(new Synthetic(), "synthetic(4,2x2,2)", List.of())),
                named("drawn", _ -> new SourceExample(new Drawn(), "blobs(7,2,3)", List.of())),
                named("fashion", SourceExample::fashion),
                named("csv", SourceExample::csv),
                named("npy", SourceExample::numpy),
                named("npz", SourceExample::archive),
                named("libsvm", SourceExample::sparse),
                named("parquet", SourceExample::parquet),
                named("tutti", SourceExample::tutti),
                named("images", SourceExample::images),
                named("idx", SourceExample::idx),
                named("cifar", SourceExample::cifar),
                named("pictures", SourceExample::pictures));
    }

    private static Named<Maker> named(String name, Maker maker) {
        return Named.of(name, maker);
    }

    private static SourceExample fashion(Path folder) {
        var files = idxFiles(folder);
        var kind =
                new FashionMnist(
                        List.of(folder),
                        folder.resolve("none"),
                        URI.create("http://localhost:1/"),
                        Map.of(),
                        (_, _, _) -> {});
        return new SourceExample(kind, "fashion-mnist", files);
    }

    private static SourceExample csv(Path folder) {
        return of(
                new CsvFile(), IdxFiles.write(folder, "t.csv", "a,y\n1,0\n2,1\n".getBytes(UTF_8)));
    }

    private static SourceExample numpy(Path folder) {
        var inputs = NumpyFiles.write(folder, "x.npy", "<f4", "3, 2", 1, 2, 3, 4, 5, 6);
        var targets = NumpyFiles.write(folder, "y.npy", "<i1", "3", 1, 2, 1);
        return new SourceExample(
                new NumpyFile(_ -> {}), inputs.toString(), List.of(inputs, targets));
    }

    private static SourceExample archive(Path folder) {
        var file = NumpyFiles.archive(folder, "a.npz", List.of("x", "y"));
        return of(new NumpyFile(_ -> {}), file);
    }

    private static SourceExample sparse(Path folder) {
        var train = IdxFiles.write(folder, "a9a", "-1 3:1 11:0.5\n+1 5:-2e1 # b\n".getBytes(UTF_8));
        var test = IdxFiles.write(folder, "a9a.t", "-1 1:7\n".getBytes(UTF_8));
        return new SourceExample(new LibSvmFile(_ -> {}), train.toString(), List.of(train, test));
    }

    private static SourceExample parquet(Path folder) {
        var bytes = ParquetFileTest.written("snappy.parquet");
        return of(ParquetFile.standard(_ -> {}), IdxFiles.write(folder, "t.parquet", bytes));
    }

    private static SourceExample tutti(Path folder) {
        try (var arena = Arena.ofConfined()) {
            var digits = new Synthetic().open(options("synthetic(4,2x3,3)"), arena);
            var bytes = arena.allocate(DatasetFile.byteSize(digits), 64);
            DatasetFile.write(digits, bytes);
            var name = "t" + DatasetFile.ENDING;
            var file = IdxFiles.write(folder, name, bytes.toArray(JAVA_BYTE));
            return of(new TuttiFile(), file);
        }
    }

    private static SourceExample images(Path folder) {
        var files = idxFiles(folder).subList(0, 2);
        return new SourceExample(new IdxImages(), files.getFirst().toString(), files);
    }

    private static SourceExample idx(Path folder) {
        return new SourceExample(
                new IdxFolder(_ -> {}), folder.toString(), List.copyOf(idxFiles(folder)));
    }

    private static List<Path> idxFiles(Path folder) {
        var images = IdxFiles.images(4, 2, 2, 0);
        var labels = IdxFiles.gzip(IdxFiles.labels(1, 0, 2, 1));
        return List.of(
                IdxFiles.write(folder, "train-images-idx3-ubyte", images),
                IdxFiles.write(folder, "train-labels-idx1-ubyte.gz", labels),
                IdxFiles.write(folder, "t10k-images-idx3-ubyte", images),
                IdxFiles.write(folder, "t10k-labels-idx1-ubyte.gz", labels));
    }

    private static SourceExample cifar(Path folder) {
        var names = "a\nb\nc\nd\ne\nf\ng\nh\ni\nj\n".getBytes(UTF_8);
        return new SourceExample(
                new CifarFolder(_ -> {}),
                folder.toString(),
                List.of(
                        CifarFiles.write(folder, "data_batch_1.bin", CifarFiles.entry(0, 1)),
                        CifarFiles.write(folder, "test_batch.bin", CifarFiles.entry(0, 2)),
                        IdxFiles.write(folder, "batches.meta.txt", names)));
    }

    private static SourceExample pictures(Path folder) {
        return new SourceExample(
                new ImageFolder(_ -> {}),
                folder + "@2x3",
                List.of(
                        ImageFiles.grey(folder, "a/1.png", "png", 2, 2, 1, 2, 3, 4),
                        ImageFiles.grey(folder, "a/2.jpg", "jpeg", 8, 8, new int[64]),
                        ImageFiles.colours(folder, "b/1.bmp", "bmp", 1, 2, 0x010203, 0xfffefd),
                        ImageFiles.colours(folder, "b/2.gif", "gif", 1, 2, 0x010203, 0xfffefd)));
    }

    private static SourceExample of(DataSource kind, Path file) {
        return new SourceExample(kind, file.toString(), List.of(file));
    }

    private static DataOptions options(String source) {
        return DataOptions.of(source, TargetKind.BY_VALUES);
    }

    /** Returns the options that say nothing more than where the data is. */
    public DataOptions options() {
        return options(source);
    }
}
