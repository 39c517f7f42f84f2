package dev.tutti.common.nn.layer;

/**
 * Choices between floats without a branch: a loop over them becomes vector instructions, and no
 * processor has to guess signs, which are random here.
 */
final class Bits {
    private Bits() {}

    /** Returns all ones if {@code x} is above 0, else zero. */
    static int positive(float x) {
        var bits = Float.floatToRawIntBits(x);
        // Above 0 is: no sign bit, and a sign bit once negated.
        return (-bits & ~bits) >> 31;
    }

    /** Returns all ones if both have the same bits, else zero. */
    static int same(float x, float y) {
        var difference = Float.floatToRawIntBits(x) ^ Float.floatToRawIntBits(y);
        return ~((difference | -difference) >> 31);
    }

    /** Returns {@code x} where {@code mask} is all ones, and 0 where it is zero. */
    static float where(int mask, float x) {
        return Float.intBitsToFloat(Float.floatToRawIntBits(x) & mask);
    }

    /** Returns {@code x} where {@code mask} is all ones, and {@code y} where it is zero. */
    static float where(int mask, float x, float y) {
        return Float.intBitsToFloat(
                (Float.floatToRawIntBits(x) & mask) | (Float.floatToRawIntBits(y) & ~mask));
    }
}
