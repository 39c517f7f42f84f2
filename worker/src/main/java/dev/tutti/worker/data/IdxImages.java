package dev.tutti.worker.data;

import dev.tutti.common.data.Dataset;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

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
                        IdxFolder.find(folder, labels)
                                .orElseThrow(() ->
                                        images.refused(
                                                ("expected its labels beside it in %s or"
                                                                + " %s.gz, found neither")
                                                        .formatted(labels, labels))));
        return IdxPair.read(plain, pair, Optional.empty(), List.of(), arena);
    }

    private static String fileName(String source) {
        var name = Path.of(source).getFileName();
        return name == null ? "" : name.toString();
    }
}
