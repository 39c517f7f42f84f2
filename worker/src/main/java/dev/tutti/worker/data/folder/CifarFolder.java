package dev.tutti.worker.data.folder;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.tutti.common.data.DataException;
import dev.tutti.common.data.Dataset;
import dev.tutti.common.data.Features;
import dev.tutti.common.data.Targets;
import dev.tutti.common.vector.Floats;
import dev.tutti.common.vector.Shape;
import dev.tutti.worker.data.source.DataOptions;
import dev.tutti.worker.data.source.DataSource;
import dev.tutti.worker.data.source.SourceFile;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * A folder with CIFAR-10 or CIFAR-100 in its binary form (Krizhevsky 2009): records of one label,
 * or of a coarse and a fine one, and 3072 bytes, red, green and blue, each of 32 rows of 32.
 *
 * @param remarks learns in one line each what was decided
 */
public record CifarFolder(Consumer<String> remarks) implements DataSource {
    private static final int BUFFER_BYTES = 1 << 16;
    private static final Shape SAMPLE = Shape.of(3, 32, 32);
    private static final List<Form> FORMS =
            List.of(
                    new Form(
                            IntStream.rangeClosed(1, 5)
                                    .mapToObj("data_batch_%d.bin"::formatted)
                                    .toList(),
                            "test_batch.bin",
                            List.of(new Kind("label", 10, "batches.meta.txt"))),
                    new Form(
                            List.of("train.bin"),
                            "test.bin",
                            List.of(
                                    new Kind("coarse", 20, "coarse_label_names.txt"),
                                    new Kind("fine", 100, "fine_label_names.txt"))));

    /** Pairs of files that it has in the form for Python. */
    private static final List<List<String>> PICKLES =
            List.of(List.of("data_batch_1", "batches.meta"), List.of("train", "meta"));

    /**
     * One of the two sets.
     *
     * @param kinds of labels, as they begin a record
     */
    private record Form(List<String> train, String test, List<Kind> kinds) {
        List<Path> files(Path folder) {
            return train.stream().map(folder::resolve).filter(Files::isRegularFile).toList();
        }

        Optional<Path> testFile(Path folder) {
            return Optional.of(folder.resolve(test)).filter(Files::isRegularFile);
        }

        int recordBytes() {
            return kinds.size() + SAMPLE.size();
        }
    }

    /**
     * A kind of labels.
     *
     * @param names the file with the names of the classes
     */
    private record Kind(String name, int classes, String names) {}

    @Override
    public String description() {
        return "a folder with CIFAR-10 or CIFAR-100 in binary form";
    }

    @Override
    public boolean accepts(String source) {
        var folder = Path.of(source);
        return Files.isDirectory(folder) && (form(folder).isPresent() || isPickled(folder));
    }

    @Override
    public Dataset open(DataOptions options, Arena arena) {
        var folder = Path.of(options.source());
        var form =
                form(folder)
                        .orElseThrow(() ->
                                new DataException(
                                        "folder %s: CIFAR was found in the form for Python, expected the binary one: fetch cifar-10-binary.tar.gz or cifar-100-binary.tar.gz"
                                                .formatted(folder)));
        var kind = kind(form, options);
        try {
            return read(folder, form, kind, options, arena);
        } catch (IOException e) {
            throw new SourceFile(folder).refused(e);
        }
    }

    private static Optional<Form> form(Path folder) {
        return FORMS.stream().filter(form -> !form.files(folder).isEmpty()).findFirst();
    }

    private static boolean isPickled(Path folder) {
        return PICKLES.stream()
                .anyMatch(
                        pair -> pair.stream().map(folder::resolve).allMatch(Files::isRegularFile));
    }

    private static Kind kind(Form form, DataOptions options) {
        var named = options.targets();
        if (named.isEmpty() || form.kinds().size() == 1) {
            options.requireNoColumns();
            return form.kinds().getLast();
        }
        options.withTargets(List.of()).requireNoColumns();
        return form.kinds().stream()
                .filter(kind -> named.equals(List.of(kind.name())))
                .findFirst()
                .orElseThrow(() ->
                        new DataException(
                                "CIFAR-100 has the targets coarse and fine, not %s"
                                        .formatted(String.join(",", named))));
    }

    private Dataset read(Path folder, Form form, Kind kind, DataOptions options, Arena arena)
            throws IOException {
        var train = form.files(folder);
        var test = form.testFile(folder);
        if (train.size() < form.train().size()) {
            remarks.accept(
                    "%s: %d files of %d to train on were found"
                            .formatted(folder, train.size(), form.train().size()));
        }
        var files = Stream.concat(train.stream(), test.stream()).toList();
        var counts = new int[files.size()];
        for (var i = 0; i < counts.length; i++) {
            counts[i] = count(files.get(i), form);
        }
        var count = IntStream.of(counts).sum();
        var images = arena.allocate((long) count * SAMPLE.size(), Floats.ALIGNMENT_BYTES);
        var labels = arena.allocate((long) count * Integer.BYTES, Floats.ALIGNMENT_BYTES);
        var classes = options.classes().isEmpty() ? names(folder, kind) : options.classes();
        var at = 0;
        for (var i = 0; i < counts.length; i++) {
            var from = (long) at * SAMPLE.size();
            var part = images.asSlice(from, (long) counts[i] * SAMPLE.size());
            var out = labels.asSlice((long) at * Integer.BYTES, (long) counts[i] * Integer.BYTES);
            read(files.get(i), form, form.kinds().indexOf(kind), classes.size(), part, out);
            at += counts[i];
        }
        return new Dataset(
                DataOptions.nameOf(folder),
                SAMPLE,
                count,
                test.isPresent() ? counts[counts.length - 1] : 0,
                List.of(),
                new Features.Bytes(images),
                new Targets.Labels(classes, labels));
    }

    /** Returns the number of records, before memory is allocated for them. */
    private static int count(Path file, Form form) throws IOException {
        var bytes = Files.size(file);
        var count = bytes / form.recordBytes();
        if (bytes == 0 || bytes % form.recordBytes() != 0 || count > Integer.MAX_VALUE / 8) {
            throw new SourceFile(file)
                    .refused(
                            "it has %d bytes, expected records of %d: it is truncated or damaged"
                                    .formatted(bytes, form.recordBytes()));
        }
        return (int) count;
    }

    /** Returns the names in a file, one a line; if it is missing, numbers. */
    private static List<String> names(Path folder, Kind kind) {
        var file = folder.resolve(kind.names());
        if (!Files.isRegularFile(file)) {
            return IntStream.range(0, kind.classes()).mapToObj(Integer::toString).toList();
        }
        try {
            var names = Files.readAllLines(file).stream().map(String::strip).toList();
            var all = names.stream().filter(name -> !name.isEmpty()).toList();
            if (all.size() != kind.classes()) {
                throw new SourceFile(file)
                        .refused(
                                "it has %d names of classes, expected %d"
                                        .formatted(all.size(), kind.classes()));
            }
            return all;
        } catch (IOException e) {
            throw new SourceFile(file).refused(e);
        }
    }

    private static void read(
            Path path, Form form, int label, int classes, MemorySegment images, MemorySegment out)
            throws IOException {
        var file = new SourceFile(path);
        var entry = new byte[form.recordBytes()];
        try (var in = new BufferedInputStream(Files.newInputStream(path), BUFFER_BYTES)) {
            for (var row = 0; row < out.byteSize() / Integer.BYTES; row++) {
                if (in.readNBytes(entry, 0, entry.length) < entry.length) {
                    throw file.refused(new EOFException());
                }
                var found = Byte.toUnsignedInt(entry[label]);
                if (found >= classes) {
                    throw file.refused(
                            "label of sample %d must be from 0 to %d, was %d"
                                    .formatted(row, classes - 1, found));
                }
                out.setAtIndex(JAVA_INT, row, found);
                MemorySegment.copy(
                        entry,
                        form.kinds().size(),
                        images,
                        JAVA_BYTE,
                        (long) row * SAMPLE.size(),
                        SAMPLE.size());
            }
        }
    }
}
