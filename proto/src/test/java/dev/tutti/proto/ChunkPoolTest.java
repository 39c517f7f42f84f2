package dev.tutti.proto;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.common.average.Payload;
import dev.tutti.common.vector.Precision;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ChunkPoolTest {
    private static final int CHUNK = 512 << 10;

    private final ChunkPool pool = new ChunkPool();

    @Test
    void aBufferIsLentAgainToAnyChunkThatFitsIt() {
        var first = pool.borrow(CHUNK, Precision.FP32);
        var address = first.floats().address();
        first.release();
        var second = pool.borrow(CHUNK / 4, Precision.FP32);
        assertThat(second.floats().address()).isEqualTo(address);
        assertThat(second.floats().byteSize()).isEqualTo(CHUNK / 4);
        second.release();
        var halves = pool.borrow(CHUNK / 4, Precision.BF16).elements();
        assertThat(halves.memory().address()).isEqualTo(address);
        assertThat(halves.precision()).isEqualTo(Precision.BF16);
        assertThat(halves.count()).isEqualTo(CHUNK / 8);
    }

    @Test
    void whateverComesInWhateverOrderFitsAndOverlapsNothing() {
        var lent = new ArrayList<Payload>();
        for (var bytes : List.of(4, CHUNK, 8, CHUNK / 2, CHUNK, 12)) {
            pool.borrow(16, Precision.FP32).release();
            lent.add(pool.borrow(bytes, Precision.FP32));
            assertThat(lent.getLast().floats().byteSize()).isEqualTo((long) bytes);
        }
        for (var i = 0; i < lent.size(); i++) {
            lent.get(i).floats().fill((byte) i);
        }
        for (var i = 0; i < lent.size(); i++) {
            var bytes = lent.get(i).floats();
            assertThat(bytes.get(JAVA_BYTE, bytes.byteSize() - 1)).isEqualTo((byte) i);
        }
    }

    @Test
    void onceTheLongestChunkWasThereNothingIsAllocated() {
        pool.borrow(16, Precision.FP32).release();
        pool.borrow(CHUNK, Precision.FP32).release();
        var kept = pool.borrow(CHUNK, Precision.FP32);
        var address = kept.floats().address();
        kept.release();
        for (var bytes : List.of(16, CHUNK, 16, CHUNK)) {
            var next = pool.borrow(bytes, Precision.FP32);
            assertThat(next.floats().address()).isEqualTo(address);
            next.release();
        }
    }
}
