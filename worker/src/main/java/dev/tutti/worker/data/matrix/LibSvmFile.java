package dev.tutti.worker.data.matrix;

import dev.tutti.common.coding.FeatureCoding;
import dev.tutti.common.data.Dataset;
import dev.tutti.common.data.Features;
import dev.tutti.common.vector.Shape;
import dev.tutti.worker.data.source.DataOptions;
import dev.tutti.worker.data.source.DataSource;
import dev.tutti.worker.data.source.NewSamples;
import dev.tutti.worker.data.source.SourceFile;
import dev.tutti.worker.data.target.NumberTargets;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/**
 * Sparse rows as LIBSVM has them (Chang and Lin 2011): a label, then {@code index:value} for each
 * feature that is not 0. Features become dense; the file with {@code .t} behind its name is the
 * test set.
 *
 * @param remarks learns in one line each what was decided
 */
public record LibSvmFile(Consumer<String> remarks) implements DataSource {
    private static final Pattern ENDING = Pattern.compile(".*\\.(?:libsvm|svmlight|svm)(?:\\.gz)?");
    private static final Pattern START =
            Pattern.compile("\\s*[-+]?[0-9.][-+0-9.eE]*\\s+\\d{1,9}:[-+0-9.eE]+(?:\\s|$)");
    private static final String TEST = ".t";
    private static final int START_CHARACTERS = 200;

    /** More names would make a model's file larger than its weights. */
    private static final int NAMES_MAX = 1 << 16;

    @Override
    public String description() {
        return "sparse rows NAME.libsvm(.gz) or NAME.svm(.gz)";
    }

    @Override
    public boolean accepts(String source) {
        return ENDING.matcher(source.toLowerCase(Locale.ROOT)).matches()
                || (isPlain(source) && looksSparse(Path.of(source)));
    }

    /** Tells whether a name has no ending, or one that says nothing of the content. */
    private static boolean isPlain(String source) {
        var name = String.valueOf(Path.of(source).getFileName()).toLowerCase(Locale.ROOT);
        return name.matches("[^.]+|.*\\.(?:txt|dat|data|scale|t|tr|te|train|test|val)(?:\\.gz)?");
    }

    private static boolean looksSparse(Path path) {
        if (!Files.isRegularFile(path)) {
            return false;
        }
        try (var in = new SourceFile(path).open()) {
            var start = new String(in.readNBytes(START_CHARACTERS), StandardCharsets.ISO_8859_1);
            return START.matcher(start).lookingAt();
        } catch (IOException _) {
            return false;
        }
    }

    @Override
    public Dataset open(DataOptions options, Arena arena) {
        options.withFeatures(List.of()).requireNoColumns();
        try (var rows = new SparseRows(true)) {
            return read(rows, options, arena);
        }
    }

    private Dataset read(SparseRows rows, DataOptions options, Arena arena) {
        var file = new SourceFile(Path.of(options.source()));
        rows.read(file);
        var train = rows.count();
        var test = testFile(file);
        test.ifPresent(rows::read);
        var features = features(rows, file, options, options.features());
        var dense = features.toDense(rows, arena);
        var targets = NumberTargets.of(List.of("label"), rows.labels(), options, arena);
        var dataset =
                new Dataset(
                        DataOptions.nameOf(file.path()),
                        Shape.of(features.width()),
                        rows.count(),
                        rows.count() - train,
                        features.width() <= NAMES_MAX ? features.names() : List.of(),
                        new Features.Reals(dense),
                        targets.targets());
        remark(file, features.decided());
        test.ifPresent(found -> remark(file, found.path() + " is its test set"));
        remark(file, targets.decided(options));
        return dataset;
    }

    @Override
    public NewSamples samples(DataOptions options, List<String> keep, Arena arena) {
        options.requireNoText();
        options.requireNothingKept(keep);
        var file = new SourceFile(Path.of(options.source()));
        try (var rows = new SparseRows(false)) {
            rows.read(file);
            var columns =
                    options.coding().fitted().map(FeatureCoding::columnNames).orElse(List.of());
            var indices = columns.stream().allMatch(name -> name.matches("\\d{1,9}"));
            var features = features(rows, file, options, indices ? columns : List.of());
            return NewSamples.of(
                    DataOptions.nameOf(file.path()),
                    Shape.of(features.width()),
                    rows.count(),
                    new Features.Reals(features.toDense(rows, arena)),
                    options,
                    arena);
        }
    }

    /** A model may have more features than the file has, or fewer: an index alone names one. */
    private static SparseFeatures features(
            SparseRows rows, SourceFile file, DataOptions options, List<String> chosen) {
        if (chosen.isEmpty() && options.sample().isPresent()) {
            var first = Math.min(1, rows.indexMin());
            var width = options.sample().get().size();
            return SparseFeatures.of(
                    rows,
                    file,
                    IntStream.range(first, first + width).mapToObj(Integer::toString).toList());
        }
        return SparseFeatures.of(rows, file, chosen);
    }

    private void remark(SourceFile file, String words) {
        remarks.accept("%s: %s".formatted(file.path().getFileName(), words));
    }

    private static Optional<SourceFile> testFile(SourceFile train) {
        var path = train.path();
        return Optional.of(path.resolveSibling(path.getFileName() + TEST))
                .filter(Files::isRegularFile)
                .map(SourceFile::new);
    }
}
