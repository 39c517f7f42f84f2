package dev.tutti.common.vector;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.common.random.Seeds;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;

class FloatsTest {
    private static final long SEED = 20_261_122L;
    private static final float[] EDGES = {
        0f,
        -0f,
        1f,
        -1f,
        Float.MIN_VALUE,
        -Float.MIN_VALUE,
        Float.MAX_VALUE,
        -Float.MAX_VALUE,
        Float.POSITIVE_INFINITY,
        Float.NEGATIVE_INFINITY,
        Float.NaN,
        Float.intBitsToFloat(0xffc00000),
    };

    @Test
    void oneValueThatIsNotFiniteIsFoundWhereverItStands() {
        float[] bad = {
            Float.NaN,
            Float.intBitsToFloat(0xffc00001),
            Float.intBitsToFloat(0x7f800001),
            Float.POSITIVE_INFINITY,
            Float.NEGATIVE_INFINITY
        };
        try (var arena = Arena.ofConfined()) {
            for (var count = 1; count < 70; count++) {
                var vector = Floats.allocate(arena, count);
                for (var i = 0; i < count; i++) {
                    Floats.set(vector, i, i % 2 == 0 ? Float.MAX_VALUE : -Float.MAX_VALUE);
                }
                assertThat(Floats.allFinite(vector)).isTrue();
                for (var i = 0; i < count; i++) {
                    var kept = Floats.get(vector, i);
                    Floats.set(vector, i, bad[i % bad.length]);
                    assertThat(Floats.allFinite(vector)).as("%d of %d", i, count).isFalse();
                    Floats.set(vector, i, kept);
                }
            }
        }
    }

    @Test
    void noFloatsAreAllFinite() {
        assertThat(Floats.allFinite(Floats.NONE)).isTrue();
    }

    @Test
    void quotientsAreThoseOfADivisionEach() {
        forRandomVectors((in, out, context) -> {
            Floats.copy(in, out);
            Floats.divide(3.7f, out);
            for (long i = 0; i < Floats.count(in); i++) {
                assertSame(Floats.get(out, i), Floats.get(in, i) / 3.7f, context);
            }
        });
    }

    @Test
    void sumsDividedOnTheWayHaveTheBitsOfAdditionAndDivision() {
        for (var divisor : new float[] {1f, 3f, 256f, 0.25f, 1000f}) {
            forRandomVectors((in, out, context) -> {
                var terms = Floats.toArray(in);
                var sums = Floats.toArray(in);
                Floats.addAndDivide(divisor, sums.length, terms, sums);
                for (var i = 0; i < sums.length; i++) {
                    assertSame(sums[i], (terms[i] + terms[i]) / divisor, context);
                }
            });
        }
    }

    @Test
    void positivePartIsTheLargerOfZeroAndTheValue() {
        forRandomVectors((in, out, context) -> {
            Floats.positivePart(in, out);
            for (long i = 0; i < Floats.count(in); i++) {
                assertSame(Floats.get(out, i), Math.max(0f, Floats.get(in, i)), context);
            }
        });
    }

    @Test
    void valuesAreKeptWhereTheGateIsPositive() {
        forRandomVectors((gate, out, context) -> {
            try (var arena = Arena.ofConfined()) {
                var values = Floats.allocate(arena, Floats.count(gate));
                for (long i = 0; i < Floats.count(gate); i++) {
                    Floats.set(values, i, EDGES[(int) (i * 7 % EDGES.length)]);
                }
                Floats.keepWherePositive(gate, values, out);
                for (long i = 0; i < Floats.count(gate); i++) {
                    if (!Float.isNaN(Floats.get(gate, i))) {
                        var kept = Floats.get(gate, i) > 0f ? Floats.get(values, i) : 0f;
                        assertSame(Floats.get(out, i), kept, context);
                    }
                }
                Floats.keepWherePositive(gate, values, values);
                assertThat(values.mismatch(out)).as("in place, " + context).isEqualTo(-1);
            }
        });
    }

    private interface Check {
        void run(MemorySegment in, MemorySegment out, String context);
    }

    /** Lengths from 0 on and beside multiples of a block, often enough for compiled code. */
    private static void forRandomVectors(Check check) {
        var random = Seeds.of(SEED, "vectors");
        for (var round = 0; round < 150; round++) {
            var count = round < 70 ? round : 1000 + random.nextInt(3000);
            try (var arena = Arena.ofConfined()) {
                var in = Floats.allocate(arena, count);
                for (var i = 0; i < count; i++) {
                    Floats.set(in, i, value(random));
                }
                check.run(
                        in,
                        Floats.allocate(arena, count),
                        "seed %d, round %d".formatted(SEED, round));
            }
        }
    }

    private static float value(Seeds random) {
        return random.nextInt(4) == 0
                ? EDGES[random.nextInt(EDGES.length)]
                : (float) random.nextGaussian();
    }

    private static void assertSame(float found, float expected, String context) {
        if (Float.floatToIntBits(found) != Float.floatToIntBits(expected)) {
            throw new AssertionError(
                    "found %s, expected %s; %s".formatted(found, expected, context));
        }
    }
}
