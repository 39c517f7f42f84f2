package dev.tutti.worker.data.idx;

import dev.tutti.common.data.DataException;
import dev.tutti.common.data.Dataset;
import dev.tutti.worker.data.source.DataOptions;
import dev.tutti.worker.data.source.DataSource;
import dev.tutti.worker.data.source.NewSamples;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * A folder with the files of MNIST or of any set in its form; those of a test set may be absent. If
 * there are several sets, as EMNIST has, {@code FOLDER/SET} is one of them.
 *
 * @param remarks learns in one line each what was decided
 */
public record IdxFolder(Consumer<String> remarks) implements DataSource {
    @Override
    public String description() {
        return "a folder with train-images-idx3-ubyte(.gz), train-labels-idx1-ubyte(.gz)";
    }

    @Override
    public boolean accepts(String source) {
        var place = Path.of(source);
        return Files.exists(place) ? !IdxSet.in(place).isEmpty() : IdxSet.named(place).isPresent();
    }

    @Override
    public Dataset open(DataOptions options, Arena arena) {
        options.requireNoColumns();
        var place = Path.of(options.source());
        var set = IdxSet.named(place).orElseGet(() -> single(place));
        var mapping = set.beside("mapping.txt");
        var classes =
                options.classes().isEmpty() && Files.isRegularFile(mapping)
                        ? IdxClasses.mapped(mapping)
                        : IdxClasses.known(options.classes());
        if (set.transposed()) {
            remarks.accept(
                    "%s: EMNIST's images lie on their side, and were transposed".formatted(place));
        }
        return read(DataOptions.nameOf(place), set, classes, arena);
    }

    /** Reads the test images if there are some, or else those to train on; both without labels. */
    @Override
    public NewSamples samples(DataOptions options, List<String> keep, Arena arena) {
        options.requireNoText();
        options.requireNothingKept(keep);
        var place = Path.of(options.source());
        var set = IdxSet.named(place).orElseGet(() -> single(place));
        var images = set.imagesToPredict();
        remarks.accept("the images of %s are predicted".formatted(images.path()));
        return IdxImages.samples(images, set.transposed(), options, arena);
    }

    private static IdxSet single(Path folder) {
        var sets = IdxSet.in(folder);
        if (sets.size() > 1) {
            throw new DataException(
                    "folder %s has several sets: give one of them, %s"
                            .formatted(
                                    folder,
                                    sets.stream()
                                            .map(set ->
                                                    set.name().isEmpty()
                                                            ? "which needs a folder of its own"
                                                            : folder.resolve(set.name()).toString())
                                            .collect(Collectors.joining(", "))));
        }
        return sets.isEmpty() ? new IdxSet(folder, "") : sets.getFirst();
    }

    /** Tells whether the folder has the two files to train on. */
    static boolean isComplete(Path folder) {
        var set = new IdxSet(folder, "");
        return set.images(IdxSet.TRAIN).isPresent() && set.labels(IdxSet.TRAIN).isPresent();
    }

    static Dataset read(String name, Path folder, List<String> classNames, Arena arena) {
        return read(name, new IdxSet(folder, ""), IdxClasses.fromZero(classNames), arena);
    }

    private static Dataset read(String name, IdxSet set, IdxClasses classes, Arena arena) {
        var train = set.pair(IdxSet.TRAIN);
        var test = set.test().map(set::pair);
        return IdxPair.read(name, train, test, classes, set.transposed(), arena);
    }
}
