package dev.tutti.coordinator.stream;

import com.google.protobuf.UnsafeByteOperations;
import dev.tutti.common.data.Dataset;
import dev.tutti.common.data.DatasetFile;
import dev.tutti.common.format.Sha256;
import dev.tutti.proto.Checksum;
import dev.tutti.proto.v1.DataChunk;
import io.grpc.stub.ServerCallStreamObserver;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * The run's dataset file, for workers that do not have it.
 *
 * @param stretches of the file, one behind the other; none of them is a copy of the data
 * @param digest its SHA-256
 */
public record DataFile(List<MemorySegment> stretches, String digest) {
    private static final int CHUNK_BYTES = 1 << 19;

    /** Copies the list. */
    public DataFile {
        stretches = List.copyOf(stretches);
    }

    /** Returns the file of a dataset, over the dataset's own memory. */
    public static DataFile of(Dataset dataset) {
        var stretches = DatasetFile.segments(dataset);
        return new DataFile(stretches, Sha256.hex(stretches));
    }

    /** Returns how many bytes the file has. */
    public long byteSize() {
        return stretches.stream().mapToLong(MemorySegment::byteSize).sum();
    }

    /** Sends the file in chunks, as fast as the receiver takes them. */
    void sendTo(ServerCallStreamObserver<DataChunk> out) {
        out.setOnReadyHandler(
                new Runnable() {
                    private final long size = byteSize();
                    private long next;

                    @Override
                    public void run() {
                        while (out.isReady() && !out.isCancelled() && next < size) {
                            var content = content(next);
                            out.onNext(chunk(next, content));
                            next += content.byteSize();
                            if (next == size) {
                                out.onCompleted();
                            }
                        }
                    }
                });
    }

    /** Returns bytes of one stretch: no chunk goes beyond its end. */
    private MemorySegment content(long offset) {
        var begin = 0L;
        for (var stretch : stretches) {
            var at = offset - begin;
            if (at < stretch.byteSize()) {
                return stretch.asSlice(at, Math.min(CHUNK_BYTES, stretch.byteSize() - at));
            }
            begin += stretch.byteSize();
        }
        throw new IndexOutOfBoundsException("the file has no byte " + offset);
    }

    private static DataChunk chunk(long offset, MemorySegment content) {
        return DataChunk.newBuilder()
                .setOffset(offset)
                .setContent(
                        UnsafeByteOperations.unsafeWrap(content.asByteBuffer().asReadOnlyBuffer()))
                .setCrc(Checksum.of(content))
                .build();
    }
}
