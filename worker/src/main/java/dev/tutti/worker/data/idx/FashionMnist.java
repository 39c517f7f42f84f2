package dev.tutti.worker.data.idx;

import dev.tutti.common.data.DataException;
import dev.tutti.common.data.Dataset;
import dev.tutti.proto.failure.Reason;
import dev.tutti.worker.data.download.Download;
import dev.tutti.worker.data.download.DownloadProgress;
import dev.tutti.worker.data.source.DataOptions;
import dev.tutti.worker.data.source.DataSource;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Fashion-MNIST, 60,000 + 10,000 images of clothes (Xiao et al. 2017): from where a package puts
 * it, from the cache, or from its authors' server.
 *
 * @param folders where it may be already; first come, first served
 * @param cache where a download is kept
 * @param server the folder of the four files on the server, with a slash at its end
 * @param digests SHA-256 of each file's unpacked content, by its name on the server
 */
public record FashionMnist(
        List<Path> folders,
        Path cache,
        URI server,
        Map<String, String> digests,
        DownloadProgress progress)
        implements DataSource {
    private static final String NAME = "fashion-mnist";

    private static final Path PACKAGE_FOLDER = Path.of("/usr/share/datasets", NAME);

    private static final URI SERVER =
            URI.create("http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/");

    private static final Map<String, String> DIGESTS =
            Map.of(
                    "train-images-idx3-ubyte.gz",
                    "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
                    "train-labels-idx1-ubyte.gz",
                    "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
                    "t10k-images-idx3-ubyte.gz",
                    "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
                    "t10k-labels-idx1-ubyte.gz",
                    "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34");

    private static final List<String> CLASSES =
            List.of(
                    "T-shirt/top",
                    "Trouser",
                    "Pullover",
                    "Dress",
                    "Coat",
                    "Sandal",
                    "Shirt",
                    "Sneaker",
                    "Bag",
                    "Ankle boot");

    /** Copies the collections. */
    public FashionMnist {
        folders = List.copyOf(folders);
        digests = Map.copyOf(digests);
    }

    /** Returns the source as it is in the world. */
    public static FashionMnist standard(Path cacheFolder, DownloadProgress progress) {
        return new FashionMnist(
                List.of(PACKAGE_FOLDER), cacheFolder.resolve(NAME), SERVER, DIGESTS, progress);
    }

    @Override
    public String description() {
        return NAME;
    }

    @Override
    public boolean accepts(String source) {
        return source.equals(NAME);
    }

    /** Returns the folder with the files, if they are on this machine. */
    public Optional<Path> found() {
        return Stream.concat(folders.stream(), Stream.of(cache))
                .filter(IdxFolder::isComplete)
                .findFirst();
    }

    @Override
    public Dataset open(DataOptions options, Arena arena) {
        options.requireNoColumns();
        var folder =
                folders.stream().filter(IdxFolder::isComplete).findFirst().orElseGet(this::fetched);
        return IdxFolder.read(NAME, folder, CLASSES, arena);
    }

    /** Returns the cache, filled with those of the files that it does not have. */
    private Path fetched() {
        for (var file : new TreeMap<>(digests).entrySet()) {
            var path = cache.resolve(file.getKey());
            if (!Files.exists(path)) {
                var source = server.resolve(file.getKey());
                try {
                    new Download(source, file.getValue()).fetch(progress, path);
                } catch (IOException e) {
                    throw refused(source, e);
                }
            }
        }
        return cache;
    }

    private static DataException refused(URI source, IOException failure) {
        return new DataException(
                ("%s is not on this machine, and %s could not be fetched (%s): run \"apt-get"
                                + " install dataset-fashion-mnist\", or give a folder with its four"
                                + " files")
                        .formatted(NAME, source, Reason.of(failure)),
                failure);
    }
}
