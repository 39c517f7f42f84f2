package dev.tutti.proto;

import dev.tutti.common.average.Chunks;
import dev.tutti.common.average.Payload;
import dev.tutti.common.average.ShardRange;
import dev.tutti.common.average.Totals;
import dev.tutti.common.step.message.ToCoordinator;
import dev.tutti.common.step.run.Lease;
import dev.tutti.common.step.run.Work;
import dev.tutti.common.step.run.WorkerId;
import dev.tutti.common.vector.Floats;
import dev.tutti.proto.v1.WorkerFrame;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** A contribution of one chunk on its way to the wire and from it. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class FrameBenchmark {
    private final MemorySegment chunk = Floats.allocate(Arena.ofAuto(), Chunks.DEFAULT_FLOATS);
    private final ToCoordinator contribution =
            new ToCoordinator.Contribution(
                    new Lease(new Work.Train(7), new ShardRange(0, 1), 0, new WorkerId(1)),
                    new Totals(16, 3.25, 9, 5),
                    1_000_000,
                    0,
                    Payload.of(chunk));
    private final Wire wire = Wire.inline();
    private final FrameMarshaller<WorkerFrame> marshaller =
            new FrameMarshaller<>(WorkerFrame.class, WorkerFrame.parser(), new ChunkPool());
    private byte[] written = {};

    /** Writes the frame that is read. */
    @Setup
    public void prepare() throws IOException {
        written = write();
    }

    /** From the message to the bytes of its frame, checksum and all. */
    @Benchmark
    public byte[] write() throws IOException {
        try (var stream = marshaller.stream(wire.toFrame(contribution))) {
            return stream.readAllBytes();
        }
    }

    /** From the bytes of a frame to the message, its checksum compared. */
    @Benchmark
    public ToCoordinator read() {
        var frame = marshaller.parse(new ByteArrayInputStream(written));
        var message = wire.fromWorker(frame);
        frame.payload().release();
        return message;
    }

    /** The checksum of a chunk. */
    @Benchmark
    public int checksum() {
        return Checksum.of(chunk);
    }
}
