package dev.tutti.common.optim;

import dev.tutti.common.plugin.Bounds;
import dev.tutti.common.vector.Blocks;
import dev.tutti.common.vector.Elements;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * Clipping by the norm of the whole mean gradient, as PyTorch's {@code clip_grad_norm_} (Pascanu et
 * al. 2013, algorithm 1): the direction stays, the length is bounded.
 *
 * <p>In three moves, so that a gradient may lie in chunks: the sums of squares of the chunks are
 * added, in the order of the flat vector; the sum gives one factor; every chunk is multiplied by
 * it.
 */
public final class GlobalNorm {
    /** What keeps the divisor from zero, as in PyTorch. */
    private static final double EPSILON = 1e-6;

    private GlobalNorm() {}

    /** Returns Σ x² of a chunk, in double precision and a fixed order. */
    public static double sumOfSquares(MemorySegment chunk) {
        var sum = new Squares();
        Blocks.read(List.of(Elements.of(chunk)), (count, in) -> sum.add(count, in[0]));
        return sum.total();
    }

    /**
     * Σ x² of blocks that come one after the other; all but the last must be as long as {@link
     * Blocks} makes them. The order is fixed: element i goes to sum i mod 64, and these are added
     * from the first to the last.
     */
    static final class Squares {
        /** As wide as a few vector registers: one sum would wait for each addition to end. */
        private static final int LANES = 64;

        private final double[] sums = new double[LANES];

        void add(int count, float[] block) {
            for (var at = 0; at < count; at += LANES) {
                add(at, Math.min(LANES, count - at), block, sums);
            }
        }

        private static void add(int at, int count, float[] block, double[] out) {
            for (var i = 0; i < count; i++) {
                var value = (double) block[at + i];
                out[i] += value * value;
            }
        }

        double total() {
            var total = 0.0;
            for (var sum : sums) {
                total += sum;
            }
            return total;
        }
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

    /** Multiplies the first {@code count} floats by {@code factor}; 1 leaves every bit as it is. */
    static void scale(float factor, int count, float[] out) {
        if (factor != 1f) {
            multiply(factor, count, out);
        }
    }

    private static void multiply(float factor, int count, float[] out) {
        for (var i = 0; i < count; i++) {
            out[i] *= factor;
        }
    }
}
