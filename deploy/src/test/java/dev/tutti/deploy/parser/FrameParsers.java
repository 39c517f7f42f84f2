package dev.tutti.deploy.parser;

import dev.tutti.common.average.Payload;
import dev.tutti.common.average.ShardRange;
import dev.tutti.common.average.Totals;
import dev.tutti.common.average.batch.BatchStatistics;
import dev.tutti.common.rounding.Roundings;
import dev.tutti.common.step.message.Stretch;
import dev.tutti.common.step.message.ToCoordinator;
import dev.tutti.common.step.message.ToWorker;
import dev.tutti.common.step.run.Lease;
import dev.tutti.common.step.run.MemberLimits;
import dev.tutti.common.step.run.ProcessId;
import dev.tutti.common.step.run.ProcessInfo;
import dev.tutti.common.step.run.RunSpec;
import dev.tutti.common.step.run.Work;
import dev.tutti.common.step.run.WorkerId;
import dev.tutti.common.vector.Floats;
import dev.tutti.common.vector.Shape;
import dev.tutti.proto.TrainingCalls;
import dev.tutti.proto.Wire;
import dev.tutti.proto.failure.WireException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.util.List;
import java.util.stream.Stream;

/** What reads a message from another process. */
final class FrameParsers {
    private static final Payload VALUES = Payload.of(Floats.allocate(Arena.ofAuto(), 20));
    private static final Lease LEASE =
            new Lease(new Work.Train(7), new ShardRange(2, 4), 1, new WorkerId(3));

    private FrameParsers() {}

    static Stream<ParserUnderTest> all() {
        var wire = Wire.inline();
        var fromWorker =
                Stream.of(
                                new ToCoordinator.Join(1, new ProcessInfo(4, "h", 17, "p", "f0")),
                                new ToCoordinator.Ready(1, 0),
                                new ToCoordinator.Contribution(
                                        LEASE, new Totals(16, 3, 9, -5), 12, 0, VALUES),
                                new ToCoordinator.Evaluated(
                                        LEASE,
                                        new Totals(16, 3, 9, -5),
                                        BatchStatistics.of(16, 0.5, 2),
                                        12),
                                new ToCoordinator.Failed(LEASE, false, "no memory"))
                        .map(message -> TrainingCalls.CONNECT.streamRequest(wire.toFrame(message)))
                        .map(FrameParsers::bytes)
                        .toList();
        var fromCoordinator =
                Stream.of(
                                new ToWorker.Welcome(
                                        new ProcessId(2),
                                        List.of(new WorkerId(4)),
                                        spec(),
                                        MemberLimits.STANDARD),
                                new ToWorker.Weights(3, 0, VALUES),
                                new ToWorker.Change(4, new Stretch(2, 5, new byte[] {1, 2, 3})),
                                new ToWorker.Statistics(
                                        new Work.Measure(7, 1), BatchStatistics.of(16, 0.5, 2)),
                                new ToWorker.Grant(List.of(LEASE, LEASE)),
                                new ToWorker.Credit(LEASE, 8),
                                new ToWorker.Goodbye(true, "over"))
                        .map(message -> TrainingCalls.CONNECT.streamResponse(wire.toFrame(message)))
                        .map(FrameParsers::bytes)
                        .toList();
        return Stream.of(
                new ParserUnderTest(
                        "frame-of-worker",
                        fromWorker,
                        WireException.class,
                        input ->
                                wire.fromWorker(
                                        TrainingCalls.CONNECT.parseRequest(
                                                new ByteArrayInputStream(input)))),
                new ParserUnderTest(
                        "frame-of-coordinator",
                        fromCoordinator,
                        WireException.class,
                        input ->
                                wire.fromCoordinator(
                                        TrainingCalls.CONNECT.parseResponse(
                                                new ByteArrayInputStream(input)))));
    }

    private static RunSpec spec() {
        return new RunSpec(
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
    }

    private static byte[] bytes(InputStream in) {
        try (in) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
