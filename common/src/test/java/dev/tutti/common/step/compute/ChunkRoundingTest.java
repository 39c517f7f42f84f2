package dev.tutti.common.step.compute;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.common.average.Chunks;
import dev.tutti.common.average.ShardRange;
import dev.tutti.common.rounding.Bf16;
import dev.tutti.common.rounding.Rounding;
import dev.tutti.common.rounding.Roundings;
import dev.tutti.common.vector.Floats;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;

/** A run's rounding, chunk by chunk. */
class ChunkRoundingTest {
    private static final ShardRange ONE = new ShardRange(2, 3);
    private static final Chunks CHUNKS = new Chunks(25, 10);

    @Test
    void aChunkOfOneShardIsRoundedAndASumOfSeveralIsNot() {
        var rounding = new ChunkRounding(new Bf16(), CHUNKS, 25);
        assertThat(rounding.of(ONE, 0)).isEqualTo(new Bf16());
        assertThat(rounding.of(ONE, 2)).isEqualTo(new Bf16());
        assertThat(rounding.of(new ShardRange(2, 4), 0)).isEqualTo(Roundings.NONE);
    }

    @Test
    void aChunkWithStatisticsIsNot() {
        var rounding = new ChunkRounding(new Bf16(), CHUNKS, 19);
        assertThat(rounding.of(ONE, 0)).isEqualTo(new Bf16());
        assertThat(rounding.of(ONE, 1)).isEqualTo(Roundings.NONE);
        assertThat(rounding.of(ONE, 2)).isEqualTo(Roundings.NONE);
    }

    @Test
    void chunksAreRoundedOnceEachAsSoonAsTheyAreFinal() {
        var rounding = new ChunkRounding(new Counting(), CHUNKS, 23);
        var gradient = MemorySegment.ofArray(new float[25]);
        var scratch = MemorySegment.ofArray(new byte[rounding.scratchBytes()]);
        assertThat(rounding.round(gradient, 21, 23, scratch)).isEqualTo(23);
        assertThat(rounding.round(gradient, 12, 23, scratch)).isEqualTo(20);
        assertThat(rounding.round(gradient, 10, 20, scratch)).isEqualTo(10);
        assertThat(rounding.round(gradient, 0, 10, scratch)).isZero();
        var rounded = gradient.toArray(ValueLayout.JAVA_FLOAT);
        for (var i = 0; i < 25; i++) {
            assertThat(rounded[i]).isEqualTo(i < 20 ? 10 : i < 23 ? 3 : 0);
        }
    }

    /** Adds the length of a chunk to each of its numbers. */
    private record Counting() implements Rounding {
        @Override
        public int bytesMax(int count) {
            return 4 * count;
        }

        @Override
        public int encode(MemorySegment floats, MemorySegment out) {
            out.copyFrom(floats);
            return (int) floats.byteSize();
        }

        @Override
        public void decode(MemorySegment bytes, MemorySegment out) {
            for (var i = 0; i < Floats.count(out); i++) {
                Floats.set(out, i, Floats.get(out, i) + Floats.count(out));
            }
        }
    }
}
