package dev.tutti.proto;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.common.average.Payload;
import dev.tutti.common.vector.Elements;
import dev.tutti.common.vector.Floats;
import dev.tutti.common.vector.Precision;
import dev.tutti.proto.v1.CoordinatorFrame;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a transport within one process hands over. */
class FrameStreamTest {
    @TempDir private Path folder = Path.of("");

    /**
     * A model of 2.2 GB could not be trained within one process: its bytes are more than an int.
     */
    @Test
    void aVectorOfMoreBytesThanAnIntHoldsIsHandedOverInPlace() throws IOException {
        var bytes = 2_200_000_000L;
        try (var arena = Arena.ofConfined();
                var file =
                        FileChannel.open(
                                folder.resolve("sparse"),
                                StandardOpenOption.CREATE_NEW,
                                StandardOpenOption.READ,
                                StandardOpenOption.WRITE,
                                StandardOpenOption.SPARSE)) {
            var vector = file.map(MapMode.READ_WRITE, 0, bytes, arena);
            // Nothing behind it is looked at, so it takes no memory.
            Floats.set(vector, 0, 1.1f);
            var values = Payload.of(new Elements(vector, Precision.FP32));
            var frame = new Frame<>(CoordinatorFrame.getDefaultInstance(), values);
            var marshaller =
                    new FrameMarshaller<>(
                            CoordinatorFrame.class, CoordinatorFrame.parser(), new ChunkPool());
            try (var stream = marshaller.stream(frame)) {
                assertThat(stream.available()).isEqualTo(Integer.MAX_VALUE);
                assertThat(marshaller.parse(stream).payload()).isSameAs(values);
            }
        }
    }
}
