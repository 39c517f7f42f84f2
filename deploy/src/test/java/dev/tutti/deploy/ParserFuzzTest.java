package dev.tutti.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.common.average.Payload;
import dev.tutti.common.average.ShardRange;
import dev.tutti.common.average.Totals;
import dev.tutti.common.chaos.FaultPlan;
import dev.tutti.common.chaos.FaultSource;
import dev.tutti.common.data.DataException;
import dev.tutti.common.data.DatasetFile;
import dev.tutti.common.format.FormatException;
import dev.tutti.common.format.Safetensors;
import dev.tutti.common.kernel.Floats;
import dev.tutti.common.nn.Initializers;
import dev.tutti.common.nn.Layers;
import dev.tutti.common.nn.Loss;
import dev.tutti.common.nn.Losses;
import dev.tutti.common.nn.Model;
import dev.tutti.common.nn.Shape;
import dev.tutti.common.nn.Zoo;
import dev.tutti.common.optim.Optimizers;
import dev.tutti.common.optim.Regularizers;
import dev.tutti.common.optim.Schedules;
import dev.tutti.common.plugin.PlugInException;
import dev.tutti.common.step.Lease;
import dev.tutti.common.step.ProcessId;
import dev.tutti.common.step.ProcessInfo;
import dev.tutti.common.step.RunSpec;
import dev.tutti.common.step.ToCoordinator;
import dev.tutti.common.step.ToWorker;
import dev.tutti.common.step.WirePrecision;
import dev.tutti.common.step.Work;
import dev.tutti.common.step.WorkerId;
import dev.tutti.proto.TrainingCalls;
import dev.tutti.proto.Wire;
import dev.tutti.proto.WireException;
import dev.tutti.proto.access.AccessException;
import dev.tutti.proto.access.Certificates;
import dev.tutti.proto.access.RunToken;
import dev.tutti.worker.data.DataOptions;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Whatever a parser reads, it reads or refuses: it throws nothing but its own exception, with one
 * line for the user.
 *
 * <p>{@code -Dtutti.fuzz.inputs=100000 -Dtutti.fuzz.seed=7} makes it longer and other. What was
 * found once is in the resources and tried first.
 */
class ParserFuzzTest {
    private static final int INPUTS = Integer.getInteger("tutti.fuzz.inputs", 300);
    private static final long SEED = Long.getLong("tutti.fuzz.seed", 20261122);

    @TempDir Path temporary;

    private interface Parser {
        void parse(byte[] input) throws IOException;
    }

    @Test
    void wireFrames() throws IOException {
        var wire = Wire.inline();
        var lease = new Lease(new Work.Train(7), new ShardRange(2, 4), 1, new WorkerId(3));
        var values = Payload.of(Floats.allocate(Arena.ofAuto(), 20));
        var fromWorker =
                Stream.of(
                                new ToCoordinator.Join(1, new ProcessInfo(4, "h", 17, "p", "f0")),
                                new ToCoordinator.Ready(1, 0),
                                new ToCoordinator.Contribution(
                                        lease, new Totals(16, 3, 9, -5), 12, 0, values),
                                new ToCoordinator.Failed(lease, false, "no memory"))
                        .map(message ->
                                bytes(() ->
                                        TrainingCalls.CONNECT.streamRequest(wire.toFrame(message))))
                        .toList();
        fuzz(
                "frame-of-worker",
                fromWorker,
                WireException.class,
                input ->
                        wire.fromWorker(
                                TrainingCalls.CONNECT.parseRequest(
                                        new ByteArrayInputStream(input))));
        var spec =
                new RunSpec(
                        "dense(4)",
                        "mse",
                        Shape.of(8),
                        2,
                        1,
                        32,
                        true,
                        4,
                        0.1,
                        0.1,
                        "points",
                        "ab".repeat(32),
                        9,
                        99,
                        WirePrecision.FP32);
        var fromCoordinator =
                Stream.of(
                                new ToWorker.Welcome(
                                        new ProcessId(2),
                                        List.of(new WorkerId(4)),
                                        spec,
                                        4,
                                        250,
                                        false),
                                new ToWorker.Weights(3, 0, values),
                                new ToWorker.Grant(List.of(lease, lease)),
                                new ToWorker.Credit(lease, 8),
                                new ToWorker.Goodbye(true, "over"))
                        .map(message ->
                                bytes(() ->
                                        TrainingCalls.CONNECT.streamResponse(
                                                wire.toFrame(message))))
                        .toList();
        fuzz(
                "frame-of-coordinator",
                fromCoordinator,
                WireException.class,
                input ->
                        wire.fromCoordinator(
                                TrainingCalls.CONNECT.parseResponse(
                                        new ByteArrayInputStream(input))));
    }

    @Test
    void safetensors() throws IOException {
        var values = Floats.allocate(Arena.ofAuto(), 6);
        var whole =
                new Safetensors(
                        List.of(
                                new Safetensors.Tensor("0.weight", Shape.of(2, 3), values),
                                new Safetensors.Tensor("0.bias", Shape.of(6), values)),
                        Map.of("model", "dense(2)", "a \"b\"", "\u00e9\n"));
        var file = new byte[(int) whole.byteSize()];
        whole.write(MemorySegment.ofArray(file));
        fuzz(
                "safetensors",
                List.of(file),
                FormatException.class,
                input -> Safetensors.read(MemorySegment.ofArray(input)));
    }

    @Test
    void datasetFiles() throws IOException {
        var digits =
                Sources.standard()
                        .open(
                                DataOptions.of("synthetic(4,2x3,3)", Loss.Targets.LABELS),
                                Arena.ofAuto());
        var file = new byte[(int) DatasetFile.byteSize(digits)];
        var written = Arena.ofAuto().allocate(file.length, 64);
        DatasetFile.write(digits, written);
        MemorySegment.copy(written, 0, MemorySegment.ofArray(file), 0, file.length);
        fuzz(
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

    @Test
    void csv() throws IOException {
        var examples =
                Stream.of(
                                "x,y,label\n1,2,a\n2,3,b\n3,4,a\n",
                                "\"x\",\"the \"\"y\"\"\"\r\n-1e3,0.5\r\n2,NaN\r\n",
                                "a\n1\n2\n3\n")
                        .map(text -> text.getBytes(StandardCharsets.UTF_8))
                        .toList();
        var file = temporary.resolve("data.csv");
        fuzz(
                "csv",
                examples,
                DataException.class,
                input -> {
                    Files.write(file, input);
                    for (var targets : Loss.Targets.values()) {
                        open(file, targets);
                    }
                });
    }

    @Test
    void idx() throws IOException {
        var images = idx(0x803, 4, 2, 2);
        var labels = idx(0x801, 4);
        var folder = Files.createDirectories(temporary.resolve("idx"));
        for (var name : List.of("train-images-idx3-ubyte", "t10k-images-idx3-ubyte")) {
            Files.write(folder.resolve(name), images);
        }
        for (var name : List.of("train-labels-idx1-ubyte", "t10k-labels-idx1-ubyte")) {
            Files.write(folder.resolve(name), labels);
        }
        open(folder, Loss.Targets.LABELS);
        fuzz(
                "idx-images",
                List.of(images, labels),
                DataException.class,
                input -> {
                    Files.write(folder.resolve("train-images-idx3-ubyte"), input);
                    open(folder, Loss.Targets.LABELS);
                });
        Files.write(folder.resolve("train-images-idx3-ubyte"), images);
        fuzz(
                "idx-labels",
                List.of(labels, images),
                DataException.class,
                input -> {
                    Files.write(folder.resolve("train-labels-idx1-ubyte"), input);
                    open(folder, Loss.Targets.LABELS);
                });
    }

    @Test
    void plugInText() throws IOException {
        var examples =
                Stream.of(
                                "dense(64),relu,dense",
                                "conv2d(6,5,padding=2),sigmoid,max-pool(2),flatten,dense(10)",
                                "residual(conv2d(4,3,padding=1),batch-norm,relu),dropout(0.5),layer-norm",
                                "adam(rate=0.001,beta1=0.9)",
                                "sgd(0.02,momentum=0.9,nesterov=true)",
                                "warmup(100,cosine)",
                                "l2(0.01),l1(0.1)",
                                "mlp",
                                "he-normal",
                                "softmax-cross-entropy",
                                "kill(worker=2,step=30),pause(1,50,seconds=forever),join(60)",
                                "random(seed=7,faults=20)")
                        .map(text -> text.getBytes(StandardCharsets.UTF_8))
                        .toList();
        fuzz(
                "plug-ins",
                examples,
                PlugInException.class,
                input -> {
                    var text = new String(input, StandardCharsets.UTF_8);
                    for (var parser :
                            List.<Parser>of(
                                    _ -> Zoo.layers(text),
                                    _ -> Losses.CATALOGUE.parse(text),
                                    _ -> Optimizers.CATALOGUE.parse(text),
                                    _ -> Schedules.CATALOGUE.parse(text),
                                    _ -> Regularizers.CATALOGUE.parseList(text),
                                    _ -> Initializers.CATALOGUE.parse(text),
                                    _ -> FaultPlan.of(text, new FaultSource.RunSize(3, 60)))) {
                        try {
                            parser.parse(input);
                        } catch (PlugInException refused) {
                            assertThat(refused.getMessage()).isNotBlank();
                        }
                    }
                    Model.of(Layers.CATALOGUE.parseList(text), Shape.of(3, 12, 12), 10);
                });
    }

    @Test
    void configuration() throws IOException {
        var examples =
                Stream.of(
                                "batch = 64\nmodel = \"dense(4),relu\"\nseed: 3\n",
                                "{ epochs = 3, data = digits, targets = [a, b] }",
                                "steps = 10 // why\nshuffle = false\n")
                        .map(text -> text.getBytes(StandardCharsets.UTF_8))
                        .toList();
        var file = temporary.resolve("run.conf");
        fuzz(
                "configuration",
                examples,
                UserException.class,
                input -> {
                    Files.write(file, input);
                    ConfigFile.of(List.of("train", "--config", file.toString()));
                });
    }

    @Test
    void certificatesAndTokens() throws IOException {
        var folder =
                CertificateAuthority.in(temporary.resolve("ca"), Instant.now())
                        .issue(HostCertificate.parse("lab1"), Instant.now(), Duration.ofDays(1));
        for (var name :
                List.of(Certificates.AUTHORITY, Certificates.CERTIFICATE, Certificates.KEY)) {
            var whole = Files.readAllBytes(folder.resolve(name));
            fuzz(
                    name,
                    List.of(whole),
                    AccessException.class,
                    input -> {
                        Files.write(folder.resolve(name), input);
                        Certificates.in(folder);
                    });
            Files.write(folder.resolve(name), whole);
        }
        var token = temporary.resolve("token");
        fuzz(
                "token",
                List.of("correct-horse\n".getBytes(StandardCharsets.US_ASCII)),
                AccessException.class,
                input -> {
                    Files.write(token, input);
                    RunToken.read(token);
                });
    }

    private static void open(Path source, Loss.Targets targets) {
        try (var arena = Arena.ofShared()) {
            Sources.standard().open(DataOptions.of(source.toString(), targets), arena);
        }
    }

    private void fuzz(
            String name,
            List<byte[]> examples,
            Class<? extends RuntimeException> refusal,
            Parser parser)
            throws IOException {
        for (var found : found(name)) {
            attempt(name + ", found earlier", found, refusal, parser);
        }
        var mutations = new Mutations(examples);
        for (var i = 0; i < INPUTS; i++) {
            var input = mutations.next(new SplittableRandom(SEED + i));
            attempt("%s, seed %d".formatted(name, SEED + i), input, refusal, parser);
        }
    }

    private static List<byte[]> found(String name) throws IOException {
        var folder = Path.of("src/test/resources/dev/tutti/deploy/fuzz", name);
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (var files = Files.list(folder)) {
            return files.sorted().map(file -> bytes(() -> Files.newInputStream(file))).toList();
        }
    }

    private static void attempt(
            String name, byte[] input, Class<? extends RuntimeException> refusal, Parser parser) {
        try {
            parser.parse(input);
        } catch (Throwable thrown) {
            if (!refusal.isInstance(thrown)) {
                throw new AssertionError(
                        "%s: %s for the input %s, which is \"%s\""
                                .formatted(
                                        name,
                                        thrown,
                                        java.util.HexFormat.of()
                                                .formatHex(
                                                        Arrays.copyOf(
                                                                input,
                                                                Math.min(input.length, 400))),
                                        new String(
                                                input,
                                                0,
                                                Math.min(input.length, 400),
                                                StandardCharsets.ISO_8859_1)),
                        thrown);
            }
            assertThat(thrown.getMessage())
                    .as("%s: what the user reads of %s", name, thrown)
                    .isNotBlank();
        }
    }

    private interface Opening {
        java.io.InputStream open() throws IOException;
    }

    private static byte[] bytes(Opening opening) {
        try (var in = opening.open()) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static byte[] idx(int magic, int... extents) {
        var count = Arrays.stream(extents).reduce(1, (a, b) -> a * b);
        var file = java.nio.ByteBuffer.allocate(4 + 4 * extents.length + count);
        file.putInt(magic);
        Arrays.stream(extents).forEach(file::putInt);
        return file.array();
    }
}
