package dev.tutti.worker.data.idx;

import dev.tutti.common.data.Dataset;
import dev.tutti.worker.data.source.DataOptions;
import dev.tutti.worker.data.source.DataSource;
import dev.tutti.worker.data.source.NewSamples;
import dev.tutti.worker.data.source.SourceFile;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/** A file of images in IDX form, its labels beside it under the name that goes with it. */
public record IdxImages() implements DataSource {
    @Override
    public String description() {
        return "an IDX file NAME-images-idx3-ubyte(.gz) with its labels beside it";
    }

    @Override
    public boolean accepts(String source) {
        return fileName(source).matches(".*images.*idx3.*");
    }

    @Override
    public Dataset open(DataOptions options, Arena arena) {
        options.requireNoColumns();
        var images = new SourceFile(Path.of(options.source()));
        var plain = fileName(options.source()).replaceFirst("\\.gz$", "");
        var labels = plain.replace("images", "labels").replace("idx3", "idx1");
        var folder = Objects.requireNonNullElse(images.path().getParent(), Path.of(""));
        var pair =
                IdxPair.of(
                        images,
                        find(folder, labels)
                                .orElseThrow(() ->
                                        images.refused(
                                                ("expected its labels beside it in %s or"
                                                                + " %s.gz, found neither")
                                                        .formatted(labels, labels))));
        return IdxPair.read(
                plain,
                pair,
                Optional.empty(),
                IdxClasses.known(options.classes()),
                IdxSet.isTransposed(plain),
                arena);
    }

    /** Reads images alone: new ones have no labels. */
    @Override
    public NewSamples samples(DataOptions options, List<String> keep, Arena arena) {
        options.requireNoText();
        options.requireNothingKept(keep);
        var file = new SourceFile(Path.of(options.source()));
        return samples(file, IdxSet.isTransposed(fileName(options.source())), options, arena);
    }

    static NewSamples samples(
            SourceFile images, boolean transposed, DataOptions options, Arena arena) {
        var pictures = IdxPictures.read(List.of(IdxPictures.header(images)), transposed, arena);
        return NewSamples.of(
                images.path().toString(),
                pictures.sample(),
                pictures.count(),
                pictures.features(),
                options,
                arena);
    }

    private static Optional<SourceFile> find(Path folder, String name) {
        return Stream.of(name, name + ".gz")
                .map(folder::resolve)
                .filter(Files::isRegularFile)
                .findFirst()
                .map(SourceFile::new);
    }

    private static String fileName(String source) {
        var name = Path.of(source).getFileName();
        return name == null ? "" : name.toString();
    }
}
