package dev.tutti.worker.data;

import dev.tutti.common.data.DataException;
import dev.tutti.common.data.Dataset;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A folder with the files of MNIST or of any set in its form; those of a test set may be absent.
 */
public record IdxFolder() implements DataSource {
    private static final String IMAGES = "%s-images-idx3-ubyte";
    private static final String LABELS = "%s-labels-idx1-ubyte";

    @Override
    public String description() {
        return "a folder with train-images-idx3-ubyte(.gz), train-labels-idx1-ubyte(.gz)";
    }

    @Override
    public boolean accepts(String source) {
        var folder = Path.of(source);
        return Stream.of("train", "t10k")
                .flatMap(part -> Stream.of(IMAGES.formatted(part), LABELS.formatted(part)))
                .anyMatch(name -> find(folder, name).isPresent());
    }

    @Override
    public Dataset open(DataOptions options, Arena arena) {
        options.requireNoColumns();
        var folder = Path.of(options.source());
        return read(DataOptions.nameOf(folder), folder, List.of(), arena);
    }

    /** Tells whether the folder has the two files to train on. */
    static boolean isComplete(Path folder) {
        return find(folder, IMAGES.formatted("train")).isPresent()
                && find(folder, LABELS.formatted("train")).isPresent();
    }

    static Dataset read(String name, Path folder, List<String> classNames, Arena arena) {
        var train =
                IdxPair.of(
                        require(folder, IMAGES.formatted("train")),
                        require(folder, LABELS.formatted("train")));
        var testImages = find(folder, IMAGES.formatted("t10k"));
        var testLabels = find(folder, LABELS.formatted("t10k"));
        var test =
                testImages.isEmpty() && testLabels.isEmpty()
                        ? Optional.<IdxPair>empty()
                        : Optional.of(
                                IdxPair.of(
                                        require(folder, IMAGES.formatted("t10k")),
                                        require(folder, LABELS.formatted("t10k"))));
        return IdxPair.read(name, train, test, classNames, arena);
    }

    /** Returns the file of this name in the folder, plain or with {@code .gz}. */
    static Optional<SourceFile> find(Path folder, String name) {
        return List.of(name, name + ".gz").stream()
                .map(folder::resolve)
                .filter(Files::isRegularFile)
                .findFirst()
                .map(SourceFile::new);
    }

    private static SourceFile require(Path folder, String name) {
        return find(folder, name)
                .orElseThrow(() ->
                        new DataException(
                                "folder %s: expected a file %s or %s.gz in it, found none"
                                        .formatted(folder, name, name)));
    }
}
