package dev.tutti.proto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.ByteString;
import dev.tutti.common.average.Payload;
import dev.tutti.common.average.ShardRange;
import dev.tutti.common.average.Totals;
import dev.tutti.common.average.batch.BatchStatistics;
import dev.tutti.common.rounding.Bf16;
import dev.tutti.common.rounding.Roundings;
import dev.tutti.common.step.message.StatePart;
import dev.tutti.common.step.message.Stretch;
import dev.tutti.common.step.message.ToCoordinator;
import dev.tutti.common.step.message.ToWorker;
import dev.tutti.common.step.run.Lease;
import dev.tutti.common.step.run.MemberLimits;
import dev.tutti.common.step.run.Part;
import dev.tutti.common.step.run.Patience;
import dev.tutti.common.step.run.ProcessId;
import dev.tutti.common.step.run.ProcessInfo;
import dev.tutti.common.step.run.RunSpec;
import dev.tutti.common.step.run.Work;
import dev.tutti.common.step.run.WorkerId;
import dev.tutti.common.vector.Elements;
import dev.tutti.common.vector.Floats;
import dev.tutti.common.vector.Precision;
import dev.tutti.common.vector.Shape;
import dev.tutti.proto.failure.WireException;
import dev.tutti.proto.v1.Contribution;
import dev.tutti.proto.v1.CoordinatorFrame;
import dev.tutti.proto.v1.Encoded;
import dev.tutti.proto.v1.Evaluated;
import dev.tutti.proto.v1.Failed;
import dev.tutti.proto.v1.Join;
import dev.tutti.proto.v1.WorkerFrame;
import io.grpc.Drainable;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What is said arrives as it was said, as plain protobuf, and nonsense is refused by name. */
class WireTest {
    private static final Wire WIRE = Wire.inline();
    private static final Lease LEASE =
            new Lease(new Work.Train(7), new ShardRange(2, 4), 1, new WorkerId(3));
    private static final Totals TOTALS = new Totals(16, 3.25, 9, -5);
    private static final RunSpec SPEC =
            new RunSpec(
                    "dense(4),relu,dense(2)",
                    "mse",
                    Shape.of(1, 8, 8),
                    2,
                    -3,
                    32,
                    true,
                    4,
                    0.1,
                    0.2,
                    "points",
                    "ab".repeat(32),
                    99,
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

    private final Arena arena = Arena.ofAuto();
    private final FrameMarshaller<WorkerFrame> workerMarshaller =
            new FrameMarshaller<>(WorkerFrame.class, WorkerFrame.parser(), new ChunkPool());
    private final FrameMarshaller<CoordinatorFrame> coordinatorMarshaller =
            new FrameMarshaller<>(
                    CoordinatorFrame.class, CoordinatorFrame.parser(), new ChunkPool());

    static Stream<ToCoordinator> fromWorkers() {
        return Stream.of(
                new ToCoordinator.Join(1, new ProcessInfo(4, "höst", 17, "plain", "f00d")),
                new ToCoordinator.Ready(3, 1),
                new ToCoordinator.Evaluated(
                        new Lease(
                                new Work.Evaluate(9, Part.TEST),
                                new ShardRange(0, 1),
                                0,
                                new WorkerId(0)),
                        TOTALS,
                        BatchStatistics.NONE,
                        12),
                new ToCoordinator.Evaluated(
                        new Lease(new Work.Measure(9, 3), new ShardRange(0, 1), 0, new WorkerId(0)),
                        TOTALS,
                        BatchStatistics.of(16, -0.1, 1e300),
                        12),
                new ToCoordinator.Failed(LEASE, true, "no memory"),
                new ToCoordinator.Returned(LEASE),
                new ToCoordinator.Leaving("told to end"));
    }

    static Stream<ToWorker> fromCoordinators() {
        return Stream.of(
                new ToWorker.Welcome(
                        new ProcessId(2),
                        List.of(new WorkerId(4), new WorkerId(5)),
                        SPEC,
                        new MemberLimits(
                                true,
                                Duration.ofMillis(125),
                                Patience.ofSeconds(0.5, 60),
                                Patience.ofSeconds(3, 600),
                                7)),
                new ToWorker.Statistics(
                        new Work.Measure(7, 2), BatchStatistics.of(16, -0.1, Double.MIN_VALUE)),
                new ToWorker.Grant(List.of(LEASE)),
                new ToWorker.Revoke(List.of(LEASE, LEASE)),
                new ToWorker.Credit(LEASE, 8),
                new ToWorker.Goodbye(true, "the run is complete"));
    }

    @ParameterizedTest
    @MethodSource("fromWorkers")
    void whatAWorkerSaysArrives(ToCoordinator message) throws IOException {
        var bytes = bytes(workerMarshaller.stream(WIRE.toFrame(message)));
        var frame = workerMarshaller.parse(new ByteArrayInputStream(bytes));
        assertThat(WIRE.fromWorker(frame)).isEqualTo(message);
    }

    @ParameterizedTest
    @MethodSource("fromCoordinators")
    void whatTheCoordinatorSaysArrives(ToWorker message) throws IOException {
        var bytes = bytes(coordinatorMarshaller.stream(WIRE.toFrame(message)));
        var frame = coordinatorMarshaller.parse(new ByteArrayInputStream(bytes));
        assertThat(WIRE.fromCoordinator(frame)).isEqualTo(message);
    }

    @Test
    void partsOfCodesAndStatesArrive() throws IOException {
        var lease = new Lease(new Work.Train(7, 9), new ShardRange(3, 4), 2, new WorkerId(1), 8);
        var part = new StatePart(3, 8, new Stretch(1, 4, new byte[] {5, -6}));
        for (var message :
                List.of(
                        new ToCoordinator.Coded(lease, TOTALS, 12, part.bytes()),
                        new ToCoordinator.State(part))) {
            var bytes = bytes(workerMarshaller.stream(WIRE.toFrame(message)));
            var frame = workerMarshaller.parse(new ByteArrayInputStream(bytes));
            assertThat(WIRE.fromWorker(frame)).usingRecursiveComparison().isEqualTo(message);
        }
        for (var message : List.of(new ToWorker.State(part), new ToWorker.StateWanted(3, 8))) {
            var bytes = bytes(coordinatorMarshaller.stream(WIRE.toFrame(message)));
            var frame = coordinatorMarshaller.parse(new ByteArrayInputStream(bytes));
            assertThat(WIRE.fromCoordinator(frame)).usingRecursiveComparison().isEqualTo(message);
        }
    }

    @Test
    void aDamagedCodeIsRefused() {
        var code = new Stretch(0, 3, new byte[] {1, 2, 3});
        var frame = WIRE.toFrame(new ToCoordinator.Coded(LEASE, TOTALS, 12, code));
        var header = frame.header().toBuilder();
        var bytes = header.getCodedBuilder().getBytesBuilder();
        bytes.setCrc(bytes.getCrc() ^ 1);
        assertThatThrownBy(() -> WIRE.fromWorker(new Frame<>(header.build(), frame.payload())))
                .isInstanceOf(WireException.class)
                .hasMessageContaining("is corrupt");
        bytes.clearCrc();
        assertThatThrownBy(() -> WIRE.fromWorker(new Frame<>(header.build(), frame.payload())))
                .isInstanceOf(WireException.class)
                .hasMessageContaining("without its checksum");
    }

    @Test
    void aContributionArrivesWithItsFloats() throws IOException {
        var bytes = contribution(1.5f, -0f, Float.MIN_VALUE);
        var read = WIRE.fromWorker(workerMarshaller.parse(new ByteArrayInputStream(bytes)));
        assertThat(read)
                .isInstanceOfSatisfying(
                        ToCoordinator.Contribution.class,
                        contribution -> {
                            assertThat(contribution.lease()).isEqualTo(LEASE);
                            assertThat(contribution.totals()).isEqualTo(TOTALS);
                            assertThat(contribution.offset()).isEqualTo(128);
                            assertThat(Floats.toArray(contribution.values().floats()))
                                    .containsExactly(1.5f, -0f, Float.MIN_VALUE);
                        });
    }

    @Test
    void aFrameIsPlainProtobuf() throws IOException {
        var bytes = contribution(0.1f, 0.2f);
        var plain = WorkerFrame.parseFrom(bytes);
        assertThat(plain.getContribution().getOffset()).isEqualTo(128);
        var floats = MemorySegment.ofArray(plain.getPayload().toByteArray());
        assertThat(floats.get(ValueLayout.JAVA_FLOAT_UNALIGNED, 4)).isEqualTo(0.2f);
        // And a frame that protobuf wrote, payload first or last, is read all the same.
        var reread = workerMarshaller.parse(new ByteArrayInputStream(plain.toByteArray()));
        assertThat(reread.header().getContribution()).isEqualTo(plain.getContribution());
        assertThat(Floats.toArray(reread.payload().floats())).containsExactly(0.1f, 0.2f);
    }

    @Test
    void roundedFloatsTravelAsTheirRoundingWritesThem() throws IOException {
        var rounding = new Bf16();
        for (var count : List.of(1, 3, 1024, 9000)) {
            var floats = Floats.allocate(arena, count);
            for (var i = 0; i < count; i++) {
                Floats.set(floats, i, Float.intBitsToFloat(0x3f80_0000 + (i << 16)));
            }
            var bytes = contribution(Payload.of(Elements.of(floats), rounding, () -> {}));
            var content = WorkerFrame.parseFrom(bytes).getEncoded().getContent();
            assertThat(content.size()).isEqualTo(2 * count);
            var read = WIRE.fromWorker(workerMarshaller.parse(new ByteArrayInputStream(bytes)));
            var arrived = ((ToCoordinator.Contribution) read).values();
            assertThat(arrived.rounding()).isEqualTo(rounding);
            assertThat(bits(arrived.floats())).isEqualTo(bits(floats));
        }
    }

    @Test
    void floatsOfWhichNothingIsSaidTravelAsTheyAre() throws IOException {
        var bytes = contribution(1f, 2f, 4f);
        assertThat(WorkerFrame.parseFrom(bytes).getPayload().size()).isEqualTo(12);
    }

    /** A field of rounded numbers, as only a peer that means harm writes it. */
    @Test
    void roundedNumbersThatAreNoneAreRefused() {
        var good = Encoded.newBuilder().setRounding("bf16").setFloats(2).setContent(bytes(4));
        assertThat(refusal(good)).contains("checksum");
        assertThat(refusal(good.clone().setContent(bytes(3)))).contains("3 bytes", "expected 4");
        assertThat(refusal(good.clone().setContent(bytes(5)))).contains("5 bytes", "at most 4");
        assertThat(refusal(good.clone().setFloats(0))).contains("0 rounded numbers");
        assertThat(refusal(good.clone().setFloats(-1))).contains("-1 rounded numbers");
        assertThat(refusal(good.clone().setFloats(1 << 19))).contains("524288 rounded numbers");
        assertThat(refusal(good.clone().setRounding("none"))).contains("unknown rounding");
        assertThat(refusal(good.clone().setRounding("x".repeat(1 << 17)))).contains("rounding");
    }

    private String refusal(Encoded.Builder encoded) {
        var frame =
                WorkerFrame.newBuilder()
                        .setEncoded(encoded)
                        .setContribution(Contribution.getDefaultInstance())
                        .build();
        var read = workerMarshaller.parse(new ByteArrayInputStream(frame.toByteArray()));
        return String.valueOf(
                catchThrowableOfType(WireException.class, () -> WIRE.fromWorker(read))
                        .getMessage());
    }

    private static ByteString bytes(int count) {
        return ByteString.copyFrom(new byte[count]);
    }

    @Test
    void numbersOf16BitsTravelAsTheyAre() throws IOException {
        for (var count : List.of(1, 3, 1025, 9000)) {
            var bits = new short[count];
            for (var i = 0; i < count; i++) {
                bits[i] = (short) (i * 7);
            }
            var halves = Elements.allocate(arena, Precision.BF16, count);
            halves.memory().copyFrom(MemorySegment.ofArray(bits));
            var bytes = contribution(Payload.of(halves));
            var floats = Floats.allocate(arena, count);
            assertThat(WorkerFrame.parseFrom(bytes).getContribution().getCrc())
                    .isEqualTo(Checksum.of(halves.floats(floats)));
            var read = WIRE.fromWorker(workerMarshaller.parse(new ByteArrayInputStream(bytes)));
            var arrived = ((ToCoordinator.Contribution) read).values().elements();
            assertThat(arrived.precision()).isEqualTo(Precision.BF16);
            assertThat(arrived.memory().toArray(ValueLayout.JAVA_SHORT)).isEqualTo(bits);
        }
    }

    private static int[] bits(MemorySegment floats) {
        return floats.toArray(ValueLayout.JAVA_INT);
    }

    @Test
    void everyTurnedOverBitOfAPayloadIsFound() throws IOException {
        var bytes = contribution(0.1f, 0.2f);
        for (var bit = 0; bit < 64; bit++) {
            var damaged = bytes.clone();
            damaged[bytes.length - 1 - bit / 8] ^= (byte) (1 << (bit % 8));
            var frame = workerMarshaller.parse(new ByteArrayInputStream(damaged));
            assertThatThrownBy(() -> WIRE.fromWorker(frame))
                    .isInstanceOf(WireException.class)
                    .hasMessageContaining("CRC32C");
        }
    }

    @Test
    void aFrameCutAnywhereIsRefusedOrSaysLess() throws IOException {
        var bytes = contribution(0.1f, 0.2f);
        for (var length = 0; length < bytes.length; length++) {
            var cut = Arrays.copyOf(bytes, length);
            try {
                WIRE.fromWorker(workerMarshaller.parse(new ByteArrayInputStream(cut)));
                throw new AssertionError("accepted after " + length + " bytes");
            } catch (WireException refused) {
                assertThat(refused.getMessage()).isNotBlank();
            }
        }
    }

    @Test
    void lengthsThatCannotBeAreRefusedBeforeMemoryIsTaken() {
        var huge = new byte[] {15 << 3 | 2, (byte) 0xff, (byte) 0xff, (byte) 0xff, (byte) 0xff, 7};
        var uneven =
                WorkerFrame.newBuilder()
                        .setPayload(ByteString.copyFrom(new byte[] {1, 2, 3}))
                        .build()
                        .toByteArray();
        for (var bytes : List.of(huge, uneven)) {
            var frame = workerMarshaller.parse(new ByteArrayInputStream(bytes));
            assertThatThrownBy(() -> WIRE.fromWorker(frame))
                    .isInstanceOf(WireException.class)
                    .hasMessageContaining("field of");
        }
    }

    @Test
    void impossibleNumbersAreRefused() {
        var frames =
                List.of(
                        WorkerFrame.newBuilder().setJoin(Join.newBuilder()),
                        WorkerFrame.newBuilder()
                                .setJoin(Join.newBuilder().setWorkers(2_000_000_000)),
                        failed(3, 3),
                        failed(-1, 3),
                        WorkerFrame.newBuilder()
                                .setEvaluated(
                                        Evaluated.newBuilder()
                                                .setLease(lease(0, 1).setPartValue(9))),
                        WorkerFrame.newBuilder());
        for (var header : frames) {
            assertThatThrownBy(() -> WIRE.fromWorker(new Frame<>(header.build(), Frame.NO_PAYLOAD)))
                    .isInstanceOf(WireException.class);
        }
    }

    /** An older coordinator says nothing of them, and its relays allowed what is usual. */
    @Test
    void aWelcomeWithoutPatienceAllowsWhatIsUsual() {
        var header = welcome().build();
        assertThat(WIRE.fromCoordinator(new Frame<>(header, Frame.NO_PAYLOAD)))
                .isInstanceOfSatisfying(
                        ToWorker.Welcome.class,
                        read ->
                                assertThat(read.limits())
                                        .extracting(MemberLimits::silence, MemberLimits::lease)
                                        .containsExactly(MemberLimits.SILENCE, MemberLimits.LEASE));
    }

    @Test
    void patienceThatCannotBeIsRefused() {
        for (var bounds : new long[][] {{0, 1}, {-1, 1}, {2, 1}, {Long.MIN_VALUE, 0}}) {
            var header = welcome();
            header.getWelcomeBuilder()
                    .getLeaseBuilder()
                    .setMinNanos(bounds[0])
                    .setMaxNanos(bounds[1]);
            var frame = new Frame<>(header.build(), Frame.NO_PAYLOAD);
            assertThatThrownBy(() -> WIRE.fromCoordinator(frame))
                    .isInstanceOf(WireException.class)
                    .hasMessageContaining("patience");
        }
    }

    private static CoordinatorFrame.Builder welcome() {
        var header =
                WIRE
                        .toFrame(
                                new ToWorker.Welcome(
                                        new ProcessId(2),
                                        List.of(new WorkerId(4)),
                                        SPEC,
                                        MemberLimits.STANDARD))
                        .header()
                        .toBuilder();
        header.getWelcomeBuilder().clearSilence().clearLease();
        return header;
    }

    private static WorkerFrame.Builder failed(int from, int to) {
        return WorkerFrame.newBuilder().setFailed(Failed.newBuilder().setLease(lease(from, to)));
    }

    private static dev.tutti.proto.v1.Lease.Builder lease(int from, int to) {
        return dev.tutti.proto.v1.Lease.newBuilder().setFromShard(from).setToShard(to);
    }

    private byte[] contribution(float... values) throws IOException {
        return contribution(Payload.of(Floats.of(arena, values)));
    }

    private byte[] contribution(Payload values) throws IOException {
        var message = new ToCoordinator.Contribution(LEASE, TOTALS, 5, 128, values);
        return bytes(workerMarshaller.stream(WIRE.toFrame(message)));
    }

    private static byte[] bytes(InputStream stream) throws IOException {
        var out = new ByteArrayOutputStream();
        var announced = stream.available();
        var drained = ((Drainable) stream).drainTo(out);
        assertThat(drained).isEqualTo(announced).isEqualTo(out.size());
        return out.toByteArray();
    }
}
