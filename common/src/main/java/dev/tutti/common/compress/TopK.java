package dev.tutti.common.compress;

import dev.tutti.common.plugin.Bounds;
import dev.tutti.common.plugin.Default;
import java.util.Arrays;

/**
 * Keeps the largest numbers of each tensor as they are, and makes all others zero (Stich et al.
 * 2018, "Sparsified SGD with memory"). Of equal ones the first are kept. It is biased: use it
 * inside {@link ErrorFeedback}.
 *
 * @param ratio fraction of the numbers that is kept, at least one
 */
public record TopK(@Default("0.01") double ratio) implements Compressor {
    /** Refuses a ratio outside (0, 1]. */
    public TopK {
        Bounds.positive("ratio", ratio);
        if (ratio > 1) {
            throw new IllegalArgumentException("ratio must be at most 1, was " + ratio);
        }
    }

    @Override
    public long bytesMax(Matrix matrix) {
        return SparseCode.bytesMax(matrix.count(), kept(matrix.count()));
    }

    @Override
    public void encode(
            Scene scene, Matrix matrix, float[] values, float[][] state, CodeWriter out) {
        keepLargest(matrix.count(), kept(matrix.count()), values);
        SparseCode.write(matrix.count(), values, out);
    }

    @Override
    public void decode(Scene scene, Matrix matrix, CodeReader in, float[] out) {
        SparseCode.read(matrix.count(), in, out);
    }

    private int kept(int count) {
        return (int) Math.max(1, Math.floor(ratio * count));
    }

    /** Makes all but the {@code kept} largest of {@code count} numbers zero. */
    static void keepLargest(int count, int kept, float[] values) {
        if (kept >= count) {
            return;
        }
        var threshold = largest(count, kept, values);
        // Those above the threshold are fewer than are kept; the rest are the first ones at it.
        var atThreshold = kept;
        for (var i = 0; i < count; i++) {
            atThreshold -= magnitude(values[i]) > threshold ? 1 : 0;
        }
        for (var i = 0; i < count; i++) {
            var magnitude = magnitude(values[i]);
            if (magnitude < threshold || (magnitude == threshold && --atThreshold < 0)) {
                values[i] = 0;
            }
        }
    }

    /** Returns the bits of a number without its sign: they order as magnitudes, and NaN is last. */
    private static int magnitude(float value) {
        return Float.floatToRawIntBits(value) & Integer.MAX_VALUE;
    }

    /**
     * Returns the magnitude that as many numbers as {@code kept} have at least, found from its high
     * bits to its low ones by counting.
     */
    private static int largest(int count, int kept, float[] values) {
        var bits = 8;
        var prefix = 0;
        var known = 0;
        var rank = kept;
        var counts = new int[1 << bits];
        for (var shift = Integer.SIZE - bits; shift >= 0; shift -= bits) {
            Arrays.fill(counts, 0);
            for (var i = 0; i < count; i++) {
                var magnitude = magnitude(values[i]);
                if (known == 0 || magnitude >>> (shift + bits) == prefix) {
                    counts[(magnitude >>> shift) & (counts.length - 1)]++;
                }
            }
            var digit = counts.length - 1;
            while (counts[digit] < rank) {
                rank -= counts[digit--];
            }
            prefix = prefix << bits | digit;
            known += bits;
        }
        return prefix;
    }
}
