package dev.tutti.common.compress;

/**
 * Floats without their sign. Their bits order as they do, and a NaN is above all numbers. So the
 * comparisons here are of bits, which a number that is not finite cannot pass unseen.
 */
final class Magnitudes {
    /** The bits of infinity; those of a NaN are above them. */
    static final int INFINITE = 0x7f800000;

    private Magnitudes() {}

    /** Returns the bits of a magnitude. */
    static int of(float value) {
        return Float.floatToRawIntBits(value) & Integer.MAX_VALUE;
    }

    /** Writes the bits of the first {@code count} magnitudes. */
    static void of(int count, float[] values, int[] out) {
        for (var i = 0; i < count; i++) {
            out[i] = of(values[i]);
        }
    }

    /** Returns the bits of the largest magnitude from {@code from} to before {@code to}. */
    static int max(int from, int to, float[] values) {
        var max = 0;
        for (var i = from; i < to; i++) {
            max = Math.max(max, of(values[i]));
        }
        return max;
    }

    /** Returns the mean of the first {@code count} magnitudes. */
    static float mean(int count, float[] values) {
        // Four sums, as each addition of one sum waits for the one before it.
        double a = 0;
        double b = 0;
        double c = 0;
        double d = 0;
        var i = 0;
        for (; i + 3 < count; i += 4) {
            a += Math.abs(values[i]);
            b += Math.abs(values[i + 1]);
            c += Math.abs(values[i + 2]);
            d += Math.abs(values[i + 3]);
        }
        for (; i < count; i++) {
            a += Math.abs(values[i]);
        }
        return (float) ((a + b + c + d) / count);
    }
}
