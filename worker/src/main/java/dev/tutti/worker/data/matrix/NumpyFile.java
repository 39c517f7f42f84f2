package dev.tutti.worker.data.matrix;

import dev.tutti.common.coding.FeatureCoding;
import dev.tutti.common.data.DataException;
import dev.tutti.common.data.Dataset;
import dev.tutti.common.vector.Shape;
import dev.tutti.worker.data.numpy.ArrayChoice;
import dev.tutti.worker.data.numpy.ArrayFeatures;
import dev.tutti.worker.data.numpy.ArrayStore;
import dev.tutti.worker.data.numpy.NpyArray;
import dev.tutti.worker.data.numpy.NpyFolder;
import dev.tutti.worker.data.numpy.NpzArchive;
import dev.tutti.worker.data.source.DataOptions;
import dev.tutti.worker.data.source.DataSource;
import dev.tutti.worker.data.source.NewSamples;
import dev.tutti.worker.data.source.SourceFile;
import dev.tutti.worker.data.target.NumberTargets;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import java.util.stream.LongStream;

/**
 * Arrays of NumPy: an archive {@code .npz} with inputs and targets under their usual names, a file
 * {@code .npy} of inputs with its targets in another one beside it, or a single array of two
 * dimensions whose last column is the target.
 *
 * @param remarks learns in one line each what was decided
 */
public record NumpyFile(Consumer<String> remarks) implements DataSource {
    private static final String ARCHIVE = ".npz";

    @Override
    public String description() {
        return "arrays of NumPy NAME.npz or NAME.npy";
    }

    @Override
    public boolean accepts(String source) {
        var name = source.toLowerCase(Locale.ROOT);
        return name.endsWith(ARCHIVE) || name.endsWith(".npy");
    }

    @Override
    public Dataset open(DataOptions options, Arena arena) {
        options.withFeatures(List.of()).withTargets(List.of()).requireNoColumns();
        var file = new SourceFile(Path.of(options.source()));
        try (var store = store(file.path())) {
            var arrays = ArrayChoice.of(store, options.features(), options.targets());
            return arrays.isPresent()
                    ? read(arrays.get(), file, options, arena)
                    : table(store, file, options, arena);
        } catch (IOException e) {
            throw file.refused(e);
        } catch (DataException e) {
            throw file.refused(String.valueOf(e.getMessage()));
        }
    }

    /** Reads inputs; of several arrays those for testing, if there are some. */
    @Override
    public NewSamples samples(DataOptions options, List<String> keep, Arena arena) {
        options.requireNoText();
        var file = new SourceFile(Path.of(options.source()));
        try (var store = store(file.path())) {
            var array = store.array(ArrayChoice.inputsToPredict(store));
            var columns =
                    options.coding().fitted().map(FeatureCoding::columnNames).orElse(List.of());
            if (array.rank() == 2 && !columns.isEmpty()) {
                return NumpyTable.samples(array, options, keep, arena);
            }
            options.requireNothingKept(keep);
            var features = ArrayFeatures.read(List.of(array), arena);
            var name = "array %s".formatted(array.name());
            if (store.names().size() > 1) {
                remark(file, name + " is predicted");
            }
            return NewSamples.of(
                    name, features.sample(), features.count(), features.features(), options, arena);
        } catch (IOException e) {
            throw file.refused(e);
        } catch (DataException e) {
            throw file.refused(String.valueOf(e.getMessage()));
        }
    }

    private static ArrayStore store(Path file) throws IOException {
        if (Files.isDirectory(file)) {
            throw new DataException("it is a folder, expected a file");
        }
        return file.toString().toLowerCase(Locale.ROOT).endsWith(ARCHIVE)
                ? NpzArchive.open(file)
                : NpyFolder.of(file);
    }

    private Dataset read(ArrayChoice arrays, SourceFile file, DataOptions options, Arena arena)
            throws IOException {
        var pairs = arrays.pairs();
        var targets =
                targets(pairs.stream().map(ArrayChoice.Pair::targets).toList(), options, arena);
        var inputs = pairs.stream().map(ArrayChoice.Pair::inputs).toList();
        var features = ArrayFeatures.read(inputs, arena);
        var dataset =
                new Dataset(
                        DataOptions.nameOf(file.path()),
                        features.sample(),
                        features.count(),
                        features.count() - arrays.train().inputs().rows(),
                        List.of(),
                        features.features(),
                        targets.targets());
        remark(file, arrays.decided());
        features.decided().ifPresent(words -> remark(file, words));
        remark(file, targets.decided(options));
        return dataset;
    }

    private Dataset table(ArrayStore store, SourceFile file, DataOptions options, Arena arena)
            throws IOException {
        var table = NumpyTable.of(ArrayChoice.table(store, options.targets()), options);
        var samples = table.read(options, arena);
        var dataset =
                new Dataset(
                        DataOptions.nameOf(file.path()),
                        Shape.of(table.featureNames().size()),
                        table.rows(),
                        0,
                        table.featureNames(),
                        samples.features(),
                        samples.targets().targets());
        remark(file, "columns are named by their number, from 1");
        remark(file, samples.targets().decided(options));
        return dataset;
    }

    /** Reads the targets of all arrays, one array behind the other. */
    private static NumberTargets.Decided targets(
            List<NpyArray> arrays, DataOptions options, Arena arena) throws IOException {
        var first = arrays.getFirst();
        var width = first.width();
        var count = 0L;
        for (var array : arrays) {
            if (array.width() != width) {
                throw new DataException(
                        "arrays %s and %s must have as many targets a sample, have %d and %d"
                                .formatted(first.name(), array.name(), width, array.width()));
            }
            count += array.header().count();
        }
        var numbers = new double[NumberTargets.requireFits(first.name(), count)];
        var at = 0;
        for (var array : arrays) {
            var from = at;
            array.read((index, value) -> numbers[from + (int) index] = value);
            at += (int) array.header().count();
        }
        return NumberTargets.of(names(first.name(), width), numbers, options, arena);
    }

    private static List<String> names(String array, long width) {
        return width == 1
                ? List.of(array)
                : LongStream.rangeClosed(1, width).mapToObj(k -> array + "_" + k).toList();
    }

    private void remark(SourceFile file, String words) {
        remarks.accept("%s: %s".formatted(file.path().getFileName(), words));
    }
}
