package dev.tutti.coordinator.stream;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.common.format.Sha256;
import dev.tutti.proto.Checksum;
import dev.tutti.proto.v1.DataChunk;
import io.grpc.stub.ServerCallStreamObserver;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.junit.jupiter.api.Test;

class DataFileTest {
    private final Arena arena = Arena.ofAuto();

    @Test
    void stretchesAreSentAsOneFileWhateverTheirLengths() {
        var large = arena.allocate((1 << 20) + 3).fill((byte) 7);
        var stretches =
                List.of(
                        arena.allocate(5).fill((byte) 1),
                        arena.allocate(0),
                        large,
                        arena.allocate(0),
                        arena.allocate(2).fill((byte) 9));
        var file = new DataFile(stretches, Sha256.hex(stretches));
        var receiver = new Receiver();
        file.sendTo(receiver);
        receiver.ready.run();
        assertThat(receiver.completed).isEqualTo(1);
        var bytes = receiver.bytes.toByteArray();
        assertThat(bytes).hasSize((int) file.byteSize());
        assertThat(Sha256.hex(outsideHeap(bytes))).isEqualTo(file.digest());
    }

    private MemorySegment outsideHeap(byte[] bytes) {
        var copy = arena.allocate(bytes.length);
        MemorySegment.copy(bytes, 0, copy, JAVA_BYTE, 0, bytes.length);
        return copy;
    }

    /** Takes every chunk that follows the one before, and is not damaged. */
    private static final class Receiver extends ServerCallStreamObserver<DataChunk> {
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        private Runnable ready = () -> {};
        private int completed;

        @Override
        public void onNext(DataChunk chunk) {
            var content = chunk.getContent();
            assertThat(chunk.getOffset()).isEqualTo(bytes.size());
            assertThat(content.isEmpty()).isFalse();
            assertThat(chunk.getCrc())
                    .isEqualTo(Checksum.of(MemorySegment.ofBuffer(content.asReadOnlyByteBuffer())));
            bytes.writeBytes(content.toByteArray());
        }

        @Override
        public void onCompleted() {
            completed++;
        }

        @Override
        public void setOnReadyHandler(Runnable handler) {
            ready = handler;
        }

        @Override
        public boolean isReady() {
            return true;
        }

        @Override
        public boolean isCancelled() {
            return false;
        }

        @Override
        public void onError(Throwable failure) {
            throw new AssertionError(failure);
        }

        @Override
        public void setOnCancelHandler(Runnable handler) {}

        @Override
        public void setCompression(String compression) {}

        @Override
        public void disableAutoInboundFlowControl() {}

        @Override
        public void request(int count) {}

        @Override
        public void setMessageCompression(boolean enable) {}
    }
}
