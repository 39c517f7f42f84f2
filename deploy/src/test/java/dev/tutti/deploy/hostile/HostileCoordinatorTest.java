package dev.tutti.deploy.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import akka.actor.typed.ActorSystem;
import akka.actor.typed.javadsl.Behaviors;
import com.google.protobuf.ByteString;
import dev.tutti.common.average.Payload;
import dev.tutti.common.data.DataException;
import dev.tutti.common.data.Dataset;
import dev.tutti.common.rounding.Roundings;
import dev.tutti.common.step.message.ToWorker;
import dev.tutti.common.step.run.MemberLimits;
import dev.tutti.common.step.run.ProcessId;
import dev.tutti.common.step.run.RunSpec;
import dev.tutti.common.step.run.WorkerId;
import dev.tutti.common.vector.Floats;
import dev.tutti.common.vector.Shape;
import dev.tutti.deploy.machine.LocalData;
import dev.tutti.deploy.machine.ThisProcess;
import dev.tutti.deploy.option.KernelOption;
import dev.tutti.proto.Checksum;
import dev.tutti.proto.Frame;
import dev.tutti.proto.TrainingCalls;
import dev.tutti.proto.Transport;
import dev.tutti.proto.Wire;
import dev.tutti.proto.v1.BeatAnswer;
import dev.tutti.proto.v1.BeatRequest;
import dev.tutti.proto.v1.CoordinatorFrame;
import dev.tutti.proto.v1.DataChunk;
import dev.tutti.proto.v1.FetchDataRequest;
import dev.tutti.proto.v1.Option;
import dev.tutti.proto.v1.TrainingGrpc;
import dev.tutti.proto.v1.Welcome;
import dev.tutti.proto.v1.WorkerFrame;
import dev.tutti.worker.DataProvider;
import dev.tutti.worker.WorkerConfig;
import dev.tutti.worker.WorkerOutcome;
import dev.tutti.worker.WorkerProcess;
import dev.tutti.worker.data.DatasetCache;
import dev.tutti.worker.data.FetchedData;
import io.grpc.Channel;
import io.grpc.ServerStreamTracer;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** A worker believes its coordinator nothing that could harm the worker's machine. */
class HostileCoordinatorTest {
    private static final Wire WIRE = Wire.inline();
    private static final String DIGEST = "ab".repeat(32);

    @TempDir Path temporary;

    /**
     * What the coordinator serves.
     *
     * @param answers to a join
     * @param data never come if empty
     * @param late sent after two heartbeats were told that they are no member's; if empty, they are
     *     a member's
     */
    private record Script(
            List<Frame<CoordinatorFrame>> answers,
            List<DataChunk> data,
            List<Frame<CoordinatorFrame>> late) {
        Script(List<Frame<CoordinatorFrame>> answers, List<DataChunk> data) {
            this(answers, data, List.of());
        }
    }

    static Stream<Arguments> impossibleRuns() {
        return Stream.of(
                run("outside", "digest must be 64 hexadecimal", "data", "../../x"),
                run("no digest", "digest must be 64 hexadecimal", "data", ""),
                run("endless data", "there is room for", "data-bytes", "" + Long.MAX_VALUE),
                run("no data", "data-bytes of 0", "data-bytes", "0"),
                run("no chunks", "chunk-floats of 0", "chunk-floats", "0"),
                run("large chunks", "chunk-floats of", "chunk-floats", "" + (1 << 30)),
                run("many shards", "shards of", "shards", "" + Integer.MAX_VALUE),
                run("no shards", "shards of 0", "shards", "0"),
                run("no number", "shards must be a whole number", "shards", "\u001b[2J\n"),
                run("no batch", "batch of -1", "batch", "-1"),
                run("more shards than samples", "cannot be cut", "shards", "1000"),
                run("no such layer", "unknown layer", "model", "dance(2)"),
                run("no layers", "", "model", ",,,(("),
                run("huge layer", "", "model", "dense(2000000000),dense(2)"),
                run("huge shape", "", "input", "8×" + Integer.MAX_VALUE),
                run("long shape", "expected at most", "input", "1×".repeat(1 << 16)),
                run("long model", "expected at most", "model", "relu,".repeat(99999)),
                run("many outputs", "", "outputs", "" + Integer.MAX_VALUE),
                change(
                        "an unknown option",
                        "unknown option",
                        run -> run.addOptions(option("x", "1"))),
                change("an option twice", "twice", run -> run.addOptions(option("seed", "1"))),
                change("an option less", "seed is missing", run -> remove(run, "seed")),
                change("nothing", "is missing", dev.tutti.proto.v1.RunSpec.Builder::clearOptions),
                change("a long name", "256", run -> run.addOptions(option("x".repeat(300), "1"))),
                change(
                        "many options",
                        "options of",
                        run ->
                                IntStream.range(0, 999)
                                        .forEach(i -> run.addOptions(option("x" + i, "1")))));
    }

    private static Arguments run(String name, String expected, String option, String text) {
        return change(
                name,
                expected,
                spec -> {
                    remove(spec, option);
                    spec.addOptions(option(option, text));
                });
    }

    private static Arguments change(
            String name, String expected, Consumer<dev.tutti.proto.v1.RunSpec.Builder> change) {
        return Arguments.of(name, expected, change);
    }

    private static void remove(dev.tutti.proto.v1.RunSpec.Builder spec, String option) {
        var others =
                spec.getOptionsList().stream()
                        .filter(one -> !one.getName().equals(option))
                        .toList();
        spec.clearOptions().addAllOptions(others);
    }

    private static Option option(String name, String text) {
        return Option.newBuilder().setName(name).setText(text).build();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("impossibleRuns")
    void anImpossibleRunIsRefusedInOneLine(
            String name, String expected, Consumer<dev.tutti.proto.v1.RunSpec.Builder> change)
            throws IOException {
        var frame = welcome(64, 4).header().toBuilder();
        change.accept(frame.getWelcomeBuilder().getSpecBuilder());
        var outcome = work(new Script(List.of(header(frame.build())), List.of()));
        assertThat(outcome.kind())
                .as(outcome.reason())
                .isIn(WorkerOutcome.Kind.REFUSED, WorkerOutcome.Kind.DATA);
        assertThat(outcome.reason()).contains(expected).hasLineCount(1).hasSizeLessThan(1000);
    }

    @Test
    void anImpossibleWelcomeIsRefusedInOneLine() throws IOException {
        assertRefused("credit of 0", welcome -> welcome.setCreditChunks(0));
        assertRefused("heartbeat of 0", welcome -> welcome.setBeatMillis(0));
        assertRefused("heartbeat of", welcome -> welcome.setBeatMillis(Long.MAX_VALUE));
        assertRefused("workers of 0", welcome -> welcome.clearWorkers());
        assertRefused("2 workers for a process of 1", welcome -> welcome.addWorkers(7));
    }

    private void assertRefused(String expected, Consumer<Welcome.Builder> change)
            throws IOException {
        var frame = welcome(64, 4).header().toBuilder();
        change.accept(frame.getWelcomeBuilder());
        var outcome = work(new Script(List.of(header(frame.build())), List.of()));
        assertThat(outcome.kind()).as(outcome.reason()).isEqualTo(WorkerOutcome.Kind.REFUSED);
        assertThat(outcome.reason()).contains(expected).hasLineCount(1);
    }

    @Test
    void weightsThatAreNoChunkEndTheMembership() throws IOException {
        for (var offset : new long[] {-1, 1, 1L << 40, Long.MAX_VALUE}) {
            var weights =
                    WIRE.toFrame(
                            new ToWorker.Weights(
                                    0, offset, Payload.of(Floats.allocate(Arena.ofAuto(), 3))));
            var outcome = work(new Script(List.of(welcome(64, 4), weights), List.of()));
            assertThat(outcome.kind()).isEqualTo(WorkerOutcome.Kind.ABORTED);
            assertThat(outcome.reason()).contains("3 weights at " + offset);
        }
    }

    @Test
    void aReasonCannotSteerTheTerminal() throws IOException {
        var evil = "gone\u001b[2J\nexit 0\u2028\r" + "x".repeat(1 << 16);
        var goodbye = WIRE.toFrame(new ToWorker.Goodbye(false, evil));
        var outcome = work(new Script(List.of(welcome(64, 4), goodbye), List.of()));
        assertThat(outcome.reason()).startsWith("gone?[2J?exit 0??").hasSizeLessThan(2000);
    }

    @Test
    void aFrameBeyondTheLimitIsNotTriedAgain() throws IOException {
        var goodbye = WIRE.toFrame(new ToWorker.Goodbye(false, "x".repeat(1 << 20)));
        var outcome = work(new Script(List.of(welcome(64, 4), goodbye), List.of()));
        assertThat(outcome.kind()).as(outcome.reason()).isEqualTo(WorkerOutcome.Kind.REFUSED);
        assertThat(outcome.reason())
                .contains("sent an invalid message (protocol error)")
                .hasLineCount(1);
    }

    /** The connection of the heartbeats may be faster than the one of the stream. */
    @Test
    void aFarewellCountsEvenIfAHeartbeatHeardOfTheEndBefore() throws IOException {
        var goodbye = WIRE.toFrame(new ToWorker.Goodbye(true, "the run is complete"));
        var outcome = work(new Script(List.of(welcome(64, 4)), List.of(), List.of(goodbye)));
        assertThat(outcome.kind()).as(outcome.reason()).isEqualTo(WorkerOutcome.Kind.COMPLETE);
    }

    static Stream<Arguments> badData() {
        return Stream.of(
                Arguments.of("beyond the end", List.of(chunk(60, 8))),
                Arguments.of("negative", List.of(chunk(-1, 8))),
                Arguments.of("overflowing", List.of(chunk(Long.MAX_VALUE, 8))),
                Arguments.of("with a gap", List.of(chunk(0, 8), chunk(16, 8))),
                Arguments.of("again and again", java.util.Collections.nCopies(5000, chunk(0, 8))),
                Arguments.of("empty for ever", java.util.Collections.nCopies(5000, chunk(0, 0))),
                Arguments.of("too short", List.of(chunk(0, 8))),
                Arguments.of("corrupt", List.of(chunk(0, 8).toBuilder().setCrc(1).build())),
                Arguments.of("of another digest", List.of(chunk(0, 64))));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("badData")
    void dataThatIsNotTheFileLeavesNothing(String name, List<DataChunk> data) throws IOException {
        var outcome = work(new Script(List.of(welcome(64, 4)), data));
        assertThat(outcome.kind()).as(outcome.reason()).isEqualTo(WorkerOutcome.Kind.DATA);
        assertThat(outcome.reason()).hasLineCount(1);
        try (var left = Files.walk(temporary)) {
            assertThat(left.filter(Files::isRegularFile)).isEmpty();
        }
    }

    private static DataChunk chunk(long offset, int bytes) {
        var content = new byte[bytes];
        return DataChunk.newBuilder()
                .setOffset(offset)
                .setContent(ByteString.copyFrom(content))
                .setCrc(Checksum.of(MemorySegment.ofArray(content)))
                .build();
    }

    private static Frame<CoordinatorFrame> header(CoordinatorFrame frame) {
        return new Frame<>(frame, Frame.NO_PAYLOAD);
    }

    private static Frame<CoordinatorFrame> welcome(long dataBytes, int shards) {
        var spec =
                new RunSpec(
                        "dense(4),relu,dense(2)",
                        "mse",
                        Shape.of(8),
                        2,
                        1,
                        32,
                        true,
                        shards,
                        0.1,
                        0.1,
                        "points",
                        DIGEST,
                        dataBytes,
                        1 << 17,
                        Roundings.NONE,
                        "mean",
                        "none",
                        "none",
                        0,
                        "synchronous",
                        RunSpec.NO_CLOCK,
                        "iid",
                        "fp32",
                        "fp32");
        return WIRE.toFrame(
                new ToWorker.Welcome(
                        new ProcessId(0), List.of(new WorkerId(0)), spec, MemberLimits.STANDARD));
    }

    /** Lets a worker process work for a coordinator of this script. */
    private WorkerOutcome work(Script script) throws IOException {
        var system = ActorSystem.create(Behaviors.empty(), "test");
        var executor = Executors.newCachedThreadPool(Thread.ofPlatform().daemon().factory());
        var stream = new CompletableFuture<StreamObserver<Frame<CoordinatorFrame>>>();
        var server =
                new Transport.Network("127.0.0.1", 0)
                        .serve(
                                TrainingCalls.service(
                                        responses -> {
                                            stream.complete(responses);
                                            return new Scripted(script, responses);
                                        },
                                        new Others(script, stream)),
                                executor,
                                new ServerStreamTracer.Factory() {
                                    @Override
                                    public ServerStreamTracer newServerStreamTracer(
                                            String method, io.grpc.Metadata headers) {
                                        return new ServerStreamTracer() {};
                                    }
                                },
                                _ -> {});
        var loading =
                new Loading(
                        new FetchedData(
                                new DatasetCache(temporary.resolve("cache")),
                                LocalData.sources(),
                                Optional.empty()));
        try {
            var kernel = new KernelOption().choose();
            var config =
                    new WorkerConfig(
                            new Transport.Network("127.0.0.1", server.getPort()),
                            ThisProcess.info(kernel, 1, "host"),
                            kernel,
                            loading,
                            Duration.ofMinutes(2));
            return WorkerProcess.start(system, "worker", config)
                    .toCompletableFuture()
                    .orTimeout(60, TimeUnit.SECONDS)
                    .join();
        } finally {
            server.shutdownNow();
            executor.shutdownNow();
            system.terminate();
            loading.end();
        }
    }

    /** Loads data until it is told to end: a worker that is over may still be about to write it. */
    private static final class Loading implements DataProvider {
        private final DataProvider data;
        private boolean ended;

        Loading(DataProvider data) {
            this.data = data;
        }

        @Override
        public synchronized Dataset get(RunSpec spec, Channel coordinator) {
            if (ended) {
                throw new DataException("the test is over");
            }
            return data.get(spec, coordinator);
        }

        /** Waits for what is being loaded; nothing is from now on. */
        synchronized void end() {
            ended = true;
        }
    }

    private record Scripted(Script script, StreamObserver<Frame<CoordinatorFrame>> responses)
            implements StreamObserver<Frame<WorkerFrame>> {
        @Override
        public void onNext(Frame<WorkerFrame> frame) {
            if (frame.header().hasJoin()) {
                script.answers().forEach(responses::onNext);
            }
        }

        @Override
        public void onError(Throwable cause) {}

        @Override
        public void onCompleted() {
            responses.onCompleted();
        }
    }

    private static final class Others extends TrainingGrpc.TrainingImplBase {
        private final Script script;
        private final CompletableFuture<StreamObserver<Frame<CoordinatorFrame>>> stream;
        private final AtomicInteger beats = new AtomicInteger();

        Others(Script script, CompletableFuture<StreamObserver<Frame<CoordinatorFrame>>> stream) {
            this.script = script;
            this.stream = stream;
        }

        @Override
        public StreamObserver<BeatRequest> beat(StreamObserver<BeatAnswer> responses) {
            return new StreamObserver<>() {
                @Override
                public void onNext(BeatRequest request) {
                    if (!script.late().isEmpty()) {
                        responses.onNext(BeatAnswer.getDefaultInstance());
                    }
                    if (beats.incrementAndGet() == 2) {
                        script.late().forEach(stream.join()::onNext);
                    }
                }

                @Override
                public void onError(Throwable cause) {}

                @Override
                public void onCompleted() {
                    responses.onCompleted();
                }
            };
        }

        @Override
        public void fetchData(FetchDataRequest request, StreamObserver<DataChunk> response) {
            if (!script.data().isEmpty()) {
                script.data().forEach(response::onNext);
                response.onCompleted();
            }
        }
    }
}
