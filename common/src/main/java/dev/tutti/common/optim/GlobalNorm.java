package dev.tutti.common.optim;

import dev.tutti.common.kernel.Floats;
import dev.tutti.common.plugin.Bounds;
import java.lang.foreign.MemorySegment;

/**
 * Clipping by the norm of the whole mean gradient, as PyTorch's {@code clip_grad_norm_} (Pascanu et
 * al. 2013, algorithm 1): the direction stays, the length is bounded.
 *
 * <p>In three moves, so that a gradient may lie in stretches: the sums of squares of the stretches
 * are added, in the order of the flat vector; the sum gives one factor; every stretch is multiplied
 * by it.
 */
public final class GlobalNorm {
    /** What keeps the divisor from zero, as in PyTorch. */
    private static final double EPSILON = 1e-6;

    private GlobalNorm() {}

    /** Returns Σ x² of a stretch, in double precision and a fixed order. */
    public static double sumOfSquares(MemorySegment stretch) {
        // Four sums side by side: one alone would wait for each addition to end.
        var sum0 = 0.0;
        var sum1 = 0.0;
        var sum2 = 0.0;
        var sum3 = 0.0;
        var count = Floats.count(stretch);
        long i = 0;
        for (; i + 3 < count; i += 4) {
            sum0 += square(stretch, i);
            sum1 += square(stretch, i + 1);
            sum2 += square(stretch, i + 2);
            sum3 += square(stretch, i + 3);
        }
        for (; i < count; i++) {
            sum0 += square(stretch, i);
        }
        return (sum0 + sum1) + (sum2 + sum3);
    }

    private static double square(MemorySegment vector, long index) {
        var value = (double) Floats.get(vector, index);
        return value * value;
    }

    /**
     * Returns what the gradient must be multiplied by: 1 if its norm is at most {@code normMax}.
     *
     * @param sumOfSquares of the whole gradient
     * @throws IllegalArgumentException if {@code normMax} is not above 0
     */
    public static float factor(double sumOfSquares, double normMax) {
        Bounds.positive("the largest norm", normMax);
        return (float) Math.min(1, normMax / (Math.sqrt(sumOfSquares) + EPSILON));
    }

    /** Multiplies a stretch of the gradient by {@code factor}; 1 leaves every bit as it is. */
    public static void scale(float factor, MemorySegment out) {
        if (factor != 1f) {
            multiply(factor, out);
        }
    }

    private static void multiply(float factor, MemorySegment out) {
        var count = Floats.count(out);
        for (long i = 0; i < count; i++) {
            Floats.set(out, i, Floats.get(out, i) * factor);
        }
    }
}
