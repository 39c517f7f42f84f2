package dev.tutti.common.vector;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.junit.jupiter.api.Test;

class BlocksTest {
    private static final int[] COUNTS = {0, 1, 2, 1023, 1024, 1025, 2048, 5000};

    @Test
    void mapReadsOneVectorAndWritesAnother() {
        for (var count : COUNTS) {
            try (var arena = Arena.ofConfined()) {
                var in = counted(arena, count, 1);
                var out = Floats.allocate(arena, count);
                Blocks.map(in, out, BlocksTest::addOne);
                assertEach(out, i -> i + 2f);
                assertEach(in, i -> i + 1f);
                Blocks.map(in, in, BlocksTest::addOne);
                assertThat(in.mismatch(out)).isEqualTo(-1);
            }
        }
    }

    @Test
    void pairMapLeavesItsResultInOutAlone() {
        for (var count : COUNTS) {
            try (var arena = Arena.ofConfined()) {
                var left = counted(arena, count, 0);
                var right = counted(arena, count, 7);
                var out = Floats.allocate(arena, count);
                Blocks.map(left, right, out, BlocksTest::subtractFrom);
                assertEach(out, _ -> 7f);
                assertEach(left, i -> i);
                assertEach(right, i -> i + 7f);
                Blocks.map(left, right, left, BlocksTest::subtractFrom);
                assertThat(left.mismatch(out)).isEqualTo(-1);
            }
        }
    }

    @Test
    void updateChangesSeveralVectorsInPlace() {
        for (var count : COUNTS) {
            try (var arena = Arena.ofConfined()) {
                var in = counted(arena, count, 0);
                var first = counted(arena, count, 1);
                var second = counted(arena, count, 2);
                Blocks.update(
                        List.of(in),
                        List.of(first, second),
                        (part, read, changed) -> {
                            subtractFrom(part, read[0], changed[0]);
                            subtractFrom(part, read[0], changed[1]);
                        });
                assertEach(in, i -> i);
                assertEach(first, _ -> 1f);
                assertEach(second, _ -> 2f);
            }
        }
    }

    private interface Expected {
        float at(int index);
    }

    private static MemorySegment counted(Arena arena, int count, float from) {
        var out = Floats.allocate(arena, count);
        for (var i = 0; i < count; i++) {
            Floats.set(out, i, from + i);
        }
        return out;
    }

    private static void addOne(int count, float[] out) {
        for (var i = 0; i < count; i++) {
            out[i] += 1f;
        }
    }

    private static void subtractFrom(int count, float[] in, float[] out) {
        for (var i = 0; i < count; i++) {
            out[i] -= in[i];
        }
    }

    private static void assertEach(MemorySegment found, Expected expected) {
        for (var i = 0; i < Floats.count(found); i++) {
            assertThat(Floats.get(found, i)).as("element %d", i).isEqualTo(expected.at(i));
        }
    }
}
