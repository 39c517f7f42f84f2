package dev.tutti.common.vector;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.common.random.Seeds;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.math.BigDecimal;
import org.junit.jupiter.api.Test;

class Bf16Test {
    private static final long SEED = 20_261_122;

    @Test
    void numbersOfSixteenBitsKeepTheirBits() {
        for (var bits = 0; bits < 0x10000; bits++) {
            var value = Bf16.decode((short) bits);
            if (!Float.isNaN(value)) {
                assertThat(Bf16.encode(value)).as("%x", bits).isEqualTo((short) bits);
            }
        }
    }

    @Test
    void tiesGoToTheEvenNumber() {
        assertThat(Bf16.encode(Float.intBitsToFloat(0x3f80_8000))).isEqualTo((short) 0x3f80);
        assertThat(Bf16.encode(Float.intBitsToFloat(0x3f81_8000))).isEqualTo((short) 0x3f82);
        assertThat(Bf16.encode(Float.intBitsToFloat(0xbf81_8000))).isEqualTo((short) 0xbf82);
        assertThat(Bf16.encode(Float.intBitsToFloat(0x3f80_8001))).isEqualTo((short) 0x3f81);
        assertThat(Bf16.encode(Float.intBitsToFloat(0x3f81_7fff))).isEqualTo((short) 0x3f81);
    }

    @Test
    void numbersBeyondTheRangeBecomeInfiniteAndInfinityStays() {
        assertThat(Bf16.decode(Bf16.encode(Float.MAX_VALUE))).isEqualTo(Float.POSITIVE_INFINITY);
        assertThat(Bf16.decode(Bf16.encode(-Float.MAX_VALUE))).isEqualTo(Float.NEGATIVE_INFINITY);
        assertThat(Bf16.decode(Bf16.encode(Float.POSITIVE_INFINITY)))
                .isEqualTo(Float.POSITIVE_INFINITY);
        assertThat(Bf16.decode(Bf16.encode(Float.NEGATIVE_INFINITY)))
                .isEqualTo(Float.NEGATIVE_INFINITY);
    }

    @Test
    void everyKindOfNanStaysNan() {
        for (var bits : new int[] {0x7fc0_0000, 0x7f80_0001, 0xff80_0001, 0x7fff_ffff, -1}) {
            assertThat(Bf16.decode(Bf16.encode(Float.intBitsToFloat(bits)))).as("%x", bits).isNaN();
        }
    }

    @Test
    void numbersBelowTheNormalRangeAreRoundedToo() {
        assertThat(Bf16.encode(Float.intBitsToFloat(0x0000_8001))).isEqualTo((short) 1);
        assertThat(Bf16.encode(Float.intBitsToFloat(0x0000_8000))).isEqualTo((short) 0);
        assertThat(Bf16.encode(-0f)).isEqualTo((short) 0x8000);
    }

    @Test
    void noNeighbourIsNearer() {
        var random = Seeds.of(SEED, "bf16");
        for (var i = 0; i < 100_000; i++) {
            var value = Float.intBitsToFloat((int) random.nextLong());
            var coded = Bf16.encode(value);
            if (!Float.isFinite(Bf16.decode(coded))) {
                continue;
            }
            for (var other : new int[] {coded - 1, coded + 1}) {
                var neighbour = Bf16.decode((short) other);
                if (Float.isFinite(neighbour)) {
                    assertThat(distance(value, Bf16.decode(coded)))
                            .as("%s, seed %d", value, SEED)
                            .isLessThanOrEqualTo(distance(value, neighbour));
                }
            }
        }
    }

    private static BigDecimal distance(float x, float y) {
        return new BigDecimal(x).subtract(new BigDecimal(y)).abs();
    }

    @Test
    void vectorsGiveTheBitsOfTheScalarForms() {
        for (var count : new int[] {0, 1, 7, 1023, 1024, 1025, 3000}) {
            try (var arena = Arena.ofConfined()) {
                var in = anyBits(arena, count);
                var coded = arena.allocate(Math.max(1, count) * 2L).asSlice(0, count * 2L);
                var decoded = Floats.allocate(arena, count);
                var rounded = Floats.allocate(arena, count);
                Bf16.encode(in, coded);
                Bf16.decode(coded, decoded);
                Bf16.round(in, rounded);
                for (var i = 0; i < count; i++) {
                    var expected = Bf16.encode(Floats.get(in, i));
                    assertThat(coded.getAtIndex(ValueLayout.JAVA_SHORT, i))
                            .as("element %d of %d, seed %d", i, count, SEED)
                            .isEqualTo(expected);
                    assertThat(decoded.getAtIndex(ValueLayout.JAVA_INT, i))
                            .isEqualTo(expected << 16);
                }
                assertThat(rounded.mismatch(decoded)).isEqualTo(-1);
            }
        }
    }

    @Test
    void vectorsWithoutNanGiveTheBitsOfTheScalarFormToo() {
        for (var count : new int[] {1, 2, 1023, 1024, 3001}) {
            try (var arena = Arena.ofConfined()) {
                var in = anyBits(arena, count);
                for (var i = 0; i < count; i++) {
                    if (Float.isNaN(Floats.get(in, i))) {
                        Floats.set(in, i, i % 2 == 0 ? Float.MAX_VALUE : Float.NEGATIVE_INFINITY);
                    }
                }
                var coded = arena.allocate(count * 2L);
                Bf16.encode(in, coded);
                for (var i = 0; i < count; i++) {
                    assertThat(coded.getAtIndex(ValueLayout.JAVA_SHORT, i))
                            .as("element %d of %d, seed %d", i, count, SEED)
                            .isEqualTo(Bf16.encode(Floats.get(in, i)));
                }
            }
        }
    }

    private static MemorySegment anyBits(Arena arena, int count) {
        var random = Seeds.of(SEED, "vector");
        var vector = Floats.allocate(arena, count);
        for (var i = 0; i < count; i++) {
            vector.setAtIndex(ValueLayout.JAVA_INT, i, (int) random.nextLong());
        }
        return vector;
    }
}
