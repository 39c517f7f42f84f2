package dev.tutti.worker.data.idx;

import dev.tutti.common.data.DataException;
import dev.tutti.worker.data.source.SourceFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The files of one set in the form of MNIST: {@code train-images-idx3-ubyte}, its labels, and both
 * for {@code t10k} or {@code test}. Before all names there may be one of the set, as EMNIST has.
 *
 * @param name of the set; empty if the files have none
 */
record IdxSet(Path folder, String name) {
    static final String TRAIN = "train";

    private static final List<String> TESTS = List.of("t10k", "test");
    private static final Pattern FILE =
            Pattern.compile(
                    "(?:(.+)-)?(?:train|t10k|test)-(?:images[-.]idx3|labels[-.]idx1)-ubyte(?:\\.gz)?");

    /** Returns the sets of a folder, in the order of their names; none if it is no folder. */
    static List<IdxSet> in(Path folder) {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (var files = Files.list(folder)) {
            return files.map(file -> FILE.matcher(String.valueOf(file.getFileName())))
                    .filter(file -> file.matches())
                    .map(file -> Objects.requireNonNullElse(file.group(1), ""))
                    .distinct()
                    .sorted()
                    .map(name -> new IdxSet(folder, name))
                    .toList();
        } catch (IOException e) {
            throw new SourceFile(folder).refused(e);
        }
    }

    /** Returns the set that a path means as folder and name of the set, if it has images. */
    static Optional<IdxSet> named(Path place) {
        var folder = Objects.requireNonNullElse(place.getParent(), Path.of(""));
        var set = new IdxSet(folder, String.valueOf(place.getFileName()));
        return Optional.of(set)
                .filter(named -> named.images(TRAIN).or(named::testImages).isPresent());
    }

    /** Returns which part of the set is for testing, if there is one. */
    Optional<String> test() {
        return TESTS.stream()
                .filter(part -> images(part).isPresent() || labels(part).isPresent())
                .findFirst();
    }

    Optional<SourceFile> images(String part) {
        return find("%s-images%sidx3-ubyte", part);
    }

    Optional<SourceFile> labels(String part) {
        return find("%s-labels%sidx1-ubyte", part);
    }

    /**
     * Reads the headers of images and labels.
     *
     * @throws DataException if one is missing or damaged
     */
    IdxPair pair(String part) {
        return IdxPair.of(
                images(part).orElseThrow(() -> missing("%s-images-idx3-ubyte", part)),
                labels(part).orElseThrow(() -> missing("%s-labels-idx1-ubyte", part)));
    }

    private Optional<SourceFile> testImages() {
        return TESTS.stream().flatMap(part -> images(part).stream()).findFirst();
    }

    /**
     * Returns the test images, or else those to train on.
     *
     * @throws DataException if there are none
     */
    SourceFile imagesToPredict() {
        return testImages()
                .or(() -> images(TRAIN))
                .orElseThrow(() -> missing("%s-images-idx3-ubyte", TRAIN));
    }

    /** Returns a file beside those of the set. */
    Path beside(String ending) {
        return folder.resolve(name + "-" + ending);
    }

    /** Tells whether the images are EMNIST's, whose rows are stored as columns. */
    boolean transposed() {
        return isTransposed(name);
    }

    /** Tells whether a file's name is one of EMNIST. */
    static boolean isTransposed(String name) {
        return name.startsWith("emnist-");
    }

    private Optional<SourceFile> find(String pattern, String part) {
        return Stream.of("-", ".")
                .map(mark -> before() + pattern.formatted(part, mark))
                .flatMap(file -> Stream.of(file, file + ".gz"))
                .map(folder::resolve)
                .filter(Files::isRegularFile)
                .findFirst()
                .map(SourceFile::new);
    }

    private String before() {
        return name.isEmpty() ? "" : name + "-";
    }

    private DataException missing(String pattern, String part) {
        var file = before() + pattern.formatted(part);
        return new DataException(
                "folder %s: expected a file %s or %s.gz in it, found none"
                        .formatted(folder, file, file));
    }
}
