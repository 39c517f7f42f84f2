package dev.tutti.common.vector;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.common.format.Sha256;
import dev.tutti.common.random.Seeds;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.Test;

class FloatMathTest {
    /** A float function, since java.base has none for float. */
    private interface FloatFunction {
        float apply(float x);
    }

    @Test
    void expIsWithinTwoUlpsFromUnderflowToOverflow() {
        assertErrorAtMost(2, FloatMath::exp, StrictMath::exp, -105f, 89f);
    }

    @Test
    void logIsWithinTwoUlpsOnAllPositiveFloats() {
        for (var bits = 1; bits < Float.floatToRawIntBits(Float.POSITIVE_INFINITY); bits += 997) {
            var x = Float.intBitsToFloat(bits);
            assertUlps(2, x, FloatMath.log(x), StrictMath.log(x));
        }
        assertErrorAtMost(2, FloatMath::log, StrictMath::log, 0.5f, 2f);
    }

    @Test
    void log1pIsWithinFourUlps() {
        assertErrorAtMost(4, FloatMath::log1p, StrictMath::log1p, -0.9999999f, 3f);
        assertErrorAtMost(4, FloatMath::log1p, StrictMath::log1p, 3f, 1e30f);
        assertErrorAtMost(4, FloatMath::log1p, StrictMath::log1p, -1e-30f, 1e-30f);
    }

    @Test
    void tanhIsWithinThreeUlps() {
        assertErrorAtMost(3, FloatMath::tanh, StrictMath::tanh, -12f, 12f);
        assertErrorAtMost(3, FloatMath::tanh, StrictMath::tanh, -1e-30f, 1e-30f);
    }

    @Test
    void sigmoidIsWithinFourUlpsWhereTheResultIsNormal() {
        assertErrorAtMost(4, FloatMath::sigmoid, x -> 1 / (1 + StrictMath.exp(-x)), -87.3f, 87.3f);
    }

    @Test
    void erfIsWithinThreeUlps() {
        assertErrorAtMost(3, FloatMath::erf, FloatMathTest::erf, -6f, 6f);
        assertErrorAtMost(3, FloatMath::erf, FloatMathTest::erf, -1e-30f, 1e-30f);
    }

    @Test
    void edgesHaveTheirLimits() {
        var infinity = Float.POSITIVE_INFINITY;
        assertThat(FloatMath.exp(0f)).isEqualTo(1f);
        assertThat(FloatMath.exp(-0f)).isEqualTo(1f);
        assertThat(FloatMath.exp(88.73f)).isEqualTo(infinity);
        assertThat(FloatMath.exp(infinity)).isEqualTo(infinity);
        assertThat(FloatMath.exp(-104.1f)).isEqualTo(0f);
        assertThat(FloatMath.exp(-infinity)).isEqualTo(0f);
        assertThat(FloatMath.log(0f)).isEqualTo(-infinity);
        assertThat(FloatMath.log(-0f)).isEqualTo(-infinity);
        assertThat(FloatMath.log(-1f)).isNaN();
        assertThat(FloatMath.log(-Float.MIN_VALUE)).isNaN();
        assertThat(FloatMath.log(-infinity)).isNaN();
        assertThat(FloatMath.log(infinity)).isEqualTo(infinity);
        assertThat(FloatMath.log1p(-1f)).isEqualTo(-infinity);
        assertThat(FloatMath.log1p(-1.5f)).isNaN();
        assertThat(FloatMath.log1p(infinity)).isEqualTo(infinity);
        assertThat(FloatMath.log1p(Float.MAX_VALUE)).isEqualTo(88.72284f);
        assertThat(FloatMath.tanh(infinity)).isEqualTo(1f);
        assertThat(FloatMath.tanh(-infinity)).isEqualTo(-1f);
        assertThat(FloatMath.sigmoid(0f)).isEqualTo(0.5f);
        assertThat(FloatMath.sigmoid(infinity)).isEqualTo(1f);
        assertThat(FloatMath.sigmoid(-infinity)).isEqualTo(0f);
        assertThat(FloatMath.erf(infinity)).isEqualTo(1f);
        assertThat(FloatMath.erf(-infinity)).isEqualTo(-1f);
    }

    @Test
    void zerosKeepTheirSign() {
        for (var zero : new float[] {0f, -0f}) {
            assertSameBits(FloatMath.log1p(zero), zero);
            assertSameBits(FloatMath.tanh(zero), zero);
            assertSameBits(FloatMath.erf(zero), zero);
        }
    }

    @Test
    void nanStaysNan() {
        assertThat(FloatMath.exp(Float.NaN)).isNaN();
        assertThat(FloatMath.log(Float.NaN)).isNaN();
        assertThat(FloatMath.log1p(Float.NaN)).isNaN();
        assertThat(FloatMath.tanh(Float.NaN)).isNaN();
        assertThat(FloatMath.sigmoid(Float.NaN)).isNaN();
        assertThat(FloatMath.erf(Float.NaN)).isNaN();
    }

    @Test
    void oddFunctionsAreOddAndNeverLeaveTheUnit() {
        sweep(
                -20f,
                20f,
                x -> {
                    assertSameBits(FloatMath.tanh(-x), -FloatMath.tanh(x));
                    assertSameBits(FloatMath.erf(-x), -FloatMath.erf(x));
                    assertThat(FloatMath.tanh(x)).isBetween(-1f, 1f);
                    assertThat(FloatMath.erf(x)).isBetween(-1f, 1f);
                });
    }

    @Test
    void vectorFormsHaveTheBitsOfTheScalarForms() {
        assertVectorForm(FloatMath::exp, FloatMath::exp);
        assertVectorForm(FloatMath::tanh, FloatMath::tanh);
        assertVectorForm(FloatMath::sigmoid, FloatMath::sigmoid);
        assertVectorForm(FloatMath::erf, FloatMath::erf);
    }

    @Test
    void bitsAreTheSameOnEveryMachine() {
        assertDigest("633cdb870a492c73", FloatMath::exp);
        assertDigest("c72df76ad6f8adc7", FloatMath::log);
        assertDigest("57e9801f779560cc", FloatMath::log1p);
        assertDigest("8afb704b6d899622", FloatMath::tanh);
        assertDigest("ee4185c02788fcc8", FloatMath::sigmoid);
        assertDigest("d8290009e64f6889", FloatMath::erf);
    }

    private static void assertDigest(String expected, FloatFunction function) {
        try (var arena = Arena.ofConfined()) {
            var values = Floats.allocate(arena, 200_001);
            for (var i = 0; i <= 200_000; i++) {
                var value = function.apply((i - 100_000) * 0x1p-10f);
                // All NaNs as one: Java leaves their bits to the machine.
                Floats.set(values, i, Float.intBitsToFloat(Float.floatToIntBits(value)));
            }
            assertThat(Sha256.hex(values)).startsWith(expected);
        }
    }

    /** Compares often enough for the loop to be compiled, at lengths beside every vector width. */
    private static void assertVectorForm(
            BiConsumer<MemorySegment, MemorySegment> vector, FloatFunction scalar) {
        var seed = 20_261_122L;
        var random = Seeds.of(seed, "vector-form");
        try (var arena = Arena.ofConfined()) {
            for (var round = 0; round < 200; round++) {
                var count = round < 70 ? round : 1 + random.nextInt(5000);
                var in = Floats.allocate(arena, count);
                var out = Floats.allocate(arena, count);
                for (var i = 0; i < count; i++) {
                    Floats.set(in, i, argument(random));
                }
                vector.accept(in, out);
                for (var i = 0; i < count; i++) {
                    var x = Floats.get(in, i);
                    assertThat(Float.floatToIntBits(Floats.get(out, i)))
                            .as("seed %d, round %d, element %d, argument %s", seed, round, i, x)
                            .isEqualTo(Float.floatToIntBits(scalar.apply(x)));
                }
                vector.accept(in, in);
                assertThat(in.mismatch(out)).as("in place, seed %d", seed).isEqualTo(-1);
            }
        }
    }

    private static float argument(Seeds random) {
        return switch (random.nextInt(20)) {
            case 0 -> Float.intBitsToFloat((int) random.nextLong());
            case 1 -> Float.POSITIVE_INFINITY;
            case 2 -> -0f;
            default -> (float) (random.nextGaussian() * 20);
        };
    }

    private static void assertErrorAtMost(
            double ulps, FloatFunction found, DoubleUnaryOperator exact, float from, float to) {
        sweep(from, to, x -> assertUlps(ulps, x, found.apply(x), exact.applyAsDouble(x)));
    }

    private static void assertUlps(double ulps, float x, float found, double exact) {
        var rounded = (float) exact;
        if (Float.isInfinite(rounded)) {
            assertThat(found).as("at %s", x).isEqualTo(rounded);
            return;
        }
        var error = Math.abs(found - exact) / Math.ulp(rounded);
        if (!(error <= ulps)) {
            throw new AssertionError(
                    "error of %.2f ulp at %s: found %s, exact %s"
                            .formatted(error, x, found, exact));
        }
    }

    private static void assertSameBits(float found, float expected) {
        if (Float.floatToRawIntBits(found) != Float.floatToRawIntBits(expected)) {
            throw new AssertionError("found %s, expected %s".formatted(found, expected));
        }
    }

    /** A million arguments, evenly spaced. */
    private static void sweep(float from, float to, Consumer<Float> check) {
        var count = 1_000_000;
        for (var i = 0; i <= count; i++) {
            check.accept((float) (from + (to - (double) from) * i / count));
        }
    }

    /** The error function in double, by its series (DLMF 7.6.2) or continued fraction (7.9.1). */
    private static double erf(double x) {
        var z = Math.abs(x);
        if (z > 6) {
            return Math.signum(x);
        }
        var term = z;
        var sum = z;
        for (var n = 1; Math.abs(term) > 1e-18 * sum; n++) {
            term *= 2 * z * z / (2 * n + 1);
            sum += term;
        }
        return Math.copySign(2 / Math.sqrt(Math.PI) * StrictMath.exp(-z * z) * sum, x);
    }
}
