package dev.tutti.deploy.parser;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import dev.tutti.common.checkpoint.Checkpoint;
import dev.tutti.common.data.DataException;
import dev.tutti.common.data.DatasetFile;
import dev.tutti.common.data.Targets;
import dev.tutti.common.format.FormatException;
import dev.tutti.common.format.Safetensors;
import dev.tutti.common.nn.Model;
import dev.tutti.common.nn.layer.Layers;
import dev.tutti.common.step.course.SavedBest;
import dev.tutti.common.step.course.SavedLedger;
import dev.tutti.common.step.course.SavedRun;
import dev.tutti.common.step.course.TrainingState;
import dev.tutti.common.step.run.Work;
import dev.tutti.common.vector.Floats;
import dev.tutti.common.vector.Precision;
import dev.tutti.common.vector.Shape;
import dev.tutti.deploy.machine.LocalData;
import dev.tutti.worker.data.source.DataOptions;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** What reads a file of tensors or of samples. */
final class FileParsers {
    private FileParsers() {}

    /**
     * Returns all of them.
     *
     * @param folder for the files that some of them read
     */
    static Stream<ParserUnderTest> in(Path folder) throws IOException {
        return Stream.of(tensorFiles(), Stream.of(dataset(), csv(folder)), idx(folder))
                .flatMap(kind -> kind);
    }

    private static byte[] bytes(Safetensors file) {
        var out = new ByteArrayOutputStream();
        file.segments().forEach(segment -> out.writeBytes(segment.toArray(JAVA_BYTE)));
        return out.toByteArray();
    }

    private static Stream<ParserUnderTest> tensorFiles() {
        var values = Floats.allocate(Arena.ofAuto(), 6);
        var whole =
                new Safetensors(
                        List.of(
                                new Safetensors.Tensor("0.weight", Shape.of(2, 3), values),
                                new Safetensors.Tensor("0.bias", Shape.of(6), values)),
                        Map.of("model", "dense(2)", "a \"b\"", "\u00e9\n"));
        var file = bytes(whole);
        var model = Model.of(Layers.CATALOGUE.parseList("dense(2)"), Shape.of(2), 2);
        return Stream.of(
                new ParserUnderTest(
                        "safetensors",
                        List.of(file),
                        FormatException.class,
                        input -> Safetensors.read(MemorySegment.ofArray(input))),
                new ParserUnderTest(
                        "checkpoint",
                        List.of(checkpoint(model)),
                        FormatException.class,
                        input ->
                                Checkpoint.read(MemorySegment.ofArray(sealed(input)))
                                        .load(
                                                model,
                                                TrainingState.allocate(
                                                        Arena.ofAuto(),
                                                        model,
                                                        1,
                                                        Precision.FP32))));
    }

    private static byte[] checkpoint(Model model) {
        var state = TrainingState.allocate(Arena.ofAuto(), model, 1, Precision.FP32);
        var best = TrainingState.allocate(Arena.ofAuto(), model, 0, Precision.FP32).weights();
        var run =
                new SavedRun(
                        new Work.Train(3),
                        state,
                        new SavedBest(0.5, 2, 1, best),
                        new SavedLedger(5, 6, -7, 8),
                        "ab12",
                        List.of(),
                        List.of(),
                        List.of());
        var out = new ByteArrayOutputStream();
        Checkpoint.of(run, model, Map.of("batch", "32"), "{\"a\":1}")
                .write()
                .forEach(segment -> out.writeBytes(segment.toArray(JAVA_BYTE)));
        return out.toByteArray();
    }

    /**
     * Gives a checkpoint the digest that it should have, if it shows one: otherwise no change would
     * ever get past the comparison.
     */
    private static byte[] sealed(byte[] input) {
        var mark = "\"tutti.sha256\":\"";
        var sealed = input.clone();
        var at = new String(input, StandardCharsets.ISO_8859_1).indexOf(mark) + mark.length();
        if (at < mark.length() || at + 64 > input.length) {
            return sealed;
        }
        Arrays.fill(sealed, at, at + 64, (byte) '0');
        try {
            var digest = MessageDigest.getInstance("SHA-256").digest(sealed);
            var digits = HexFormat.of().formatHex(digest).getBytes(StandardCharsets.US_ASCII);
            System.arraycopy(digits, 0, sealed, at, digits.length);
            return sealed;
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every JDK has SHA-256", e);
        }
    }

    private static ParserUnderTest dataset() {
        var digits =
                LocalData.sources()
                        .open(
                                DataOptions.of("synthetic(4,2x3,3)", Targets.Kind.LABELS),
                                Arena.ofAuto());
        var file = new byte[(int) DatasetFile.byteSize(digits)];
        var written = Arena.ofAuto().allocate(file.length, 64);
        DatasetFile.write(digits, written);
        MemorySegment.copy(written, 0, MemorySegment.ofArray(file), 0, file.length);
        return new ParserUnderTest(
                "dataset",
                List.of(file),
                DataException.class,
                input -> {
                    try (var arena = Arena.ofConfined()) {
                        var bytes = arena.allocate(Math.max(1, input.length), 64);
                        MemorySegment.copy(MemorySegment.ofArray(input), 0, bytes, 0, input.length);
                        DatasetFile.read(bytes.asSlice(0, input.length));
                    }
                });
    }

    private static ParserUnderTest csv(Path folder) {
        var file = folder.resolve("data.csv");
        return new ParserUnderTest(
                "csv",
                TextParsers.bytes(
                        "x,y,label\n1,2,a\n2,3,b\n3,4,a\n",
                        "\"x\",\"the \"\"y\"\"\"\r\n-1e3,0.5\r\n2,NaN\r\n",
                        "a\n1\n2\n3\n",
                        "a;b;\n5,1;1.234,5;\n3,5;1;\n",
                        "  x \t y\r 1  \"2 \"\r 3  4\r"),
                DataException.class,
                input -> {
                    Files.write(file, input);
                    for (var targets : Targets.Kind.values()) {
                        open(file, targets);
                    }
                });
    }

    private static Stream<ParserUnderTest> idx(Path folder) throws IOException {
        var images = idxFile(0x803, 4, 2, 2);
        var labels = idxFile(0x801, 4);
        return Stream.of(
                idx(folder, "images", "train-images-idx3-ubyte", images, labels),
                idx(folder, "labels", "train-labels-idx1-ubyte", images, labels));
    }

    private static ParserUnderTest idx(
            Path folder, String kind, String replaced, byte[] images, byte[] labels)
            throws IOException {
        var files = Files.createDirectories(folder.resolve("idx-" + kind));
        for (var part : List.of("train", "t10k")) {
            Files.write(files.resolve(part + "-images-idx3-ubyte"), images);
            Files.write(files.resolve(part + "-labels-idx1-ubyte"), labels);
        }
        open(files, Targets.Kind.LABELS);
        return new ParserUnderTest(
                "idx-" + kind,
                List.of(images, labels),
                DataException.class,
                input -> {
                    Files.write(files.resolve(replaced), input);
                    open(files, Targets.Kind.LABELS);
                });
    }

    private static byte[] idxFile(int magic, int... extents) {
        var count = Arrays.stream(extents).reduce(1, (a, b) -> a * b);
        var file = ByteBuffer.allocate(4 + 4 * extents.length + count);
        file.putInt(magic);
        Arrays.stream(extents).forEach(file::putInt);
        return file.array();
    }

    private static void open(Path source, Targets.Kind targets) {
        try (var arena = Arena.ofShared()) {
            LocalData.sources().open(DataOptions.of(source.toString(), targets), arena);
        }
    }
}
