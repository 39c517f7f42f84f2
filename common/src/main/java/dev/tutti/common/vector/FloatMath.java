package dev.tutti.common.vector;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.MemorySegment;

/**
 * The transcendental functions of the layers, in float arithmetic with the same bits everywhere.
 *
 * <p>{@link Math} may give other last bits on another processor or after compilation, and {@link
 * StrictMath} is slow. These use +, −, ×, ÷ and bit operations only, each of which Java defines to
 * the bit, and no fused multiply-add. They hold no branches, so that loops over them can become
 * vector instructions. Polynomials and rationals were fitted to the least maximum relative error by
 * iteratively reweighted least squares (Lawson 1961).
 *
 * <p>In the forms over vectors {@code out} has the length of {@code in}, and may be {@code in}
 * itself. They and the forms over arrays give the same bits as the scalar ones, several times
 * faster.
 */
public final class FloatMath {
    private static final float LOG2_E = 1.442695f;

    /** The upper bits of ln 2, few enough that a product with an exponent is exact; the rest. */
    private static final float LN2_HIGH = 355f / 512;

    private static final float LN2_LOW = -2.12194440e-4f;

    /** Added and taken away again it rounds a small number to a whole one: 1.5·2²³. */
    private static final float ROUNDER = 0x1.8p23f;

    /** Beyond these exp is 0 or infinite. */
    private static final float EXP_MIN = -105f;

    private static final float EXP_MAX = 89f;

    /** From here on the nearest float to tanh, and to erf, is 1. */
    private static final float TANH_MAX = 9.02f;

    private static final float ERF_MAX = 3.93f;

    private static final int EXPONENT_BIAS = 127;
    private static final int MANTISSA_BITS = 23;
    private static final int SQRT_HALF_BITS = 0x3f3504f3;

    private FloatMath() {}

    /** Returns e to the power {@code x}; error at most 2 ulp. */
    public static float exp(float x) {
        var bounded = bounded(x);
        return expOfBounded(bounded, Float.intBitsToFloat(halfScaleBits(bounded)));
    }

    private static float bounded(float x) {
        return Math.min(Math.max(x, EXP_MIN), EXP_MAX);
    }

    /** Returns x/ln(2), rounded to a whole number. */
    private static float wholePower(float x) {
        return (x * LOG2_E + ROUNDER) - ROUNDER;
    }

    /** Returns the bits of 2^⌊n/2⌋, where n is the whole power. */
    private static int halfScaleBits(float x) {
        return (((int) wholePower(x) >> 1) + EXPONENT_BIAS) << MANTISSA_BITS;
    }

    private static float expOfBounded(float x, float halfScale) {
        // e^x = 2^n · e^r with |r| ≤ ln(2)/2, then 1 + r + r²·q(r).
        var n = wholePower(x);
        var r = (x - n * LN2_HIGH) - n * LN2_LOW;
        var q = 0.0013814531f;
        q = q * r + 0.008368746f;
        q = q * r + 0.041668393f;
        q = q * r + 0.1666652f;
        q = q * r + 0.49999994f;
        var mantissa = 1f + (r + r * r * q);
        // Two factors, since 2^n alone leaves the range before the product does. Where n is odd, a
        // factor of 2 is missing.
        var half = (0.5f * n - 0.25f + ROUNDER) - ROUNDER;
        var odd = n - 2f * half;
        return mantissa * (1f + odd) * halfScale * halfScale;
    }

    /** Returns the natural logarithm of {@code x}; error at most 2 ulp. */
    public static float log(float x) {
        // x = 2^n · (1 + f) with 1 + f from √½ to √2, then f − f²/2 + f³·p(f).
        var tiny = x < Float.MIN_NORMAL;
        var bits = Float.floatToRawIntBits(tiny ? x * 0x1p25f : x);
        var exponent = (bits - SQRT_HALF_BITS) >> MANTISSA_BITS;
        var f = Float.intBitsToFloat(bits - (exponent << MANTISSA_BITS)) - 1f;
        var n = (float) (exponent - (tiny ? 25 : 0));
        var p = -0.076342255f;
        p = p * f + 0.12761468f;
        p = p * f - 0.13160235f;
        p = p * f + 0.14201777f;
        p = p * f - 0.16623354f;
        p = p * f + 0.20001227f;
        p = p * f - 0.2500082f;
        p = p * f + 0.3333333f;
        var square = f * f;
        var small = (square * f * p + n * LN2_LOW) - 0.5f * square;
        var finite = (small + f) + n * LN2_HIGH;
        var positive = x == Float.POSITIVE_INFINITY ? x : finite;
        var outside = x == 0f ? Float.NEGATIVE_INFINITY : Float.NaN;
        return x > 0f ? positive : outside;
    }

    /** Returns ln(1 + {@code x}), exact in sense for small {@code x} too; error at most 4 ulp. */
    public static float log1p(float x) {
        // 1 + x loses the lower bits of x: ln(u) + lost/u gives them back.
        var u = 1f + x;
        var lost = x - (u - 1f);
        var inside = log(u) + lost / u;
        return x == 0f || u == 0f || u == Float.POSITIVE_INFINITY ? edgeOfLog1p(x) : inside;
    }

    /** Returns the hyperbolic tangent of {@code x}; error at most 3 ulp. */
    public static float tanh(float x) {
        // t = 2·tanh(x/2) as x·(1 + x²·p/q), then tanh(x) = t / (1 + t²/4). Near 1 the second step
        // damps what the first has rounded.
        var bounded = Math.min(Math.max(x, -TANH_MAX), TANH_MAX);
        var u = bounded * bounded;
        var p = -6.926742e-8f;
        p = p * u - 0.0009740358f;
        p = p * u - 0.08333325f;
        var q = 0.0010508016f;
        q = q * u + 0.11168751f;
        q = q * u + 1f;
        var t = bounded * (1f + u * p / q);
        return t / (1f + 0.25f * (t * t));
    }

    /** Returns 1 / (1 + e^−x); error at most 4 ulp for x from −87 on, 0 below −89. */
    public static float sigmoid(float x) {
        return 1f / (1f + exp(-x));
    }

    /** Returns the error function of {@code x}; error at most 3 ulp. */
    public static float erf(float x) {
        // As tanh: t = x + x·p/q is fitted so that erf(x) = t / (1 + t²/4).
        var bounded = Math.min(Math.max(x, -ERF_MAX), ERF_MAX);
        var u = bounded * bounded;
        var p = -1.6045913e-5f;
        p = p * u - 0.00023957813f;
        p = p * u - 7.830808e-5f;
        p = p * u - 0.012783794f;
        p = p * u - 0.010195504f;
        p = p * u + 0.12837915f;
        var q = 1.7238748e-5f;
        q = q * u + 0.00055365084f;
        q = q * u + 0.0011117263f;
        q = q * u + 0.045076016f;
        q = q * u + 0.052630004f;
        q = q * u + 1f;
        var t = bounded + bounded * (p / q);
        return t / (1f + 0.25f * (t * t));
    }

    /** Writes e to the power of each element. */
    public static void exp(MemorySegment in, MemorySegment out) {
        Blocks.map(in, out, FloatMath::exp);
    }

    /** Writes the hyperbolic tangent of each element. */
    public static void tanh(MemorySegment in, MemorySegment out) {
        Blocks.map(in, out, FloatMath::tanh);
    }

    /** Writes the sigmoid of each element. */
    public static void sigmoid(MemorySegment in, MemorySegment out) {
        Blocks.map(in, out, FloatMath::sigmoid);
    }

    /** Writes the error function of each element. */
    public static void erf(MemorySegment in, MemorySegment out) {
        Blocks.map(in, out, FloatMath::erf);
    }

    /** Replaces the first {@code count} elements by e to their power. */
    public static void exp(int count, float[] out) {
        // Java 25 does not vectorise the conversion of bits to a float, so bits are copied instead.
        var bits = new int[count];
        var halfScale = new float[count];
        bound(count, out, bits);
        MemorySegment.copy(bits, 0, MemorySegment.ofArray(halfScale), JAVA_INT, 0, count);
        expOfBounded(count, halfScale, out);
    }

    private static void bound(int count, float[] out, int[] halfScaleBits) {
        for (var i = 0; i < count; i++) {
            var bounded = bounded(out[i]);
            out[i] = bounded;
            halfScaleBits[i] = halfScaleBits(bounded);
        }
    }

    private static void expOfBounded(int count, float[] halfScale, float[] out) {
        for (var i = 0; i < count; i++) {
            out[i] = expOfBounded(out[i], halfScale[i]);
        }
    }

    /** Replaces the first {@code count} elements by their hyperbolic tangent. */
    public static void tanh(int count, float[] out) {
        for (var i = 0; i < count; i++) {
            out[i] = tanh(out[i]);
        }
    }

    /** Replaces the first {@code count} elements by their sigmoid. */
    public static void sigmoid(int count, float[] out) {
        negate(count, out);
        exp(count, out);
        invertSuccessor(count, out);
    }

    private static void negate(int count, float[] out) {
        for (var i = 0; i < count; i++) {
            out[i] = -out[i];
        }
    }

    private static void invertSuccessor(int count, float[] out) {
        for (var i = 0; i < count; i++) {
            out[i] = 1f / (1f + out[i]);
        }
    }

    /** Replaces the first {@code count} elements by their error function. */
    public static void erf(int count, float[] out) {
        for (var i = 0; i < count; i++) {
            out[i] = erf(out[i]);
        }
    }

    private static float edgeOfLog1p(float x) {
        // ln(1 + x) is x at ±0 and at infinity.
        return x == -1f ? Float.NEGATIVE_INFINITY : x;
    }
}
