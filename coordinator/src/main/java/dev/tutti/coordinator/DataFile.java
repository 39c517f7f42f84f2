package dev.tutti.coordinator;

import com.google.protobuf.UnsafeByteOperations;
import dev.tutti.proto.Checksum;
import dev.tutti.proto.v1.DataChunk;
import io.grpc.stub.ServerCallStreamObserver;
import java.lang.foreign.MemorySegment;

/**
 * The run's dataset file, for workers that do not have it.
 *
 * @param bytes the file
 * @param digest its SHA-256
 */
public record DataFile(MemorySegment bytes, String digest) {
    private static final int CHUNK_BYTES = 1 << 19;

    /** Sends the file in chunks, as fast as the receiver takes them. */
    void sendTo(ServerCallStreamObserver<DataChunk> out) {
        out.setOnReadyHandler(
                new Runnable() {
                    private long next;

                    @Override
                    public void run() {
                        while (out.isReady() && !out.isCancelled() && next < bytes.byteSize()) {
                            out.onNext(chunk(next));
                            next += CHUNK_BYTES;
                            if (next >= bytes.byteSize()) {
                                out.onCompleted();
                            }
                        }
                    }
                });
    }

    private DataChunk chunk(long offset) {
        var content = bytes.asSlice(offset, Math.min(CHUNK_BYTES, bytes.byteSize() - offset));
        return DataChunk.newBuilder()
                .setOffset(offset)
                .setContent(
                        UnsafeByteOperations.unsafeWrap(content.asByteBuffer().asReadOnlyBuffer()))
                .setCrc(Checksum.of(content))
                .build();
    }
}
