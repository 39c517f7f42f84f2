package dev.tutti.common.compress;

import dev.tutti.common.plugin.Bounds;
import dev.tutti.common.plugin.Default;

/**
 * Keeps the largest numbers of each tensor as they are, and makes all others zero (Stich et al.
 * 2018, "Sparsified SGD with memory"). Of equal ones the first are kept. It is biased: use it
 * inside {@link ErrorFeedback}.
 *
 * @param ratio fraction of the numbers that is kept, at least one
 */
public record TopK(@Default("0.01") double ratio) implements MatrixCompressor {
    /** The bits of a magnitude in three parts, from the high ones to the low ones. */
    private static final int[] PART_BITS = {12, 10, 9};

    /** Refuses a ratio outside (0, 1]. */
    public TopK {
        requireRatio(ratio);
    }

    @Override
    public long matrixBytesMax(Matrix matrix) {
        return SparseCode.bytesMax(matrix.count(), kept(ratio, matrix.count()));
    }

    @Override
    public void encodeMatrix(Scene scene, Matrix matrix, float[] values, CodeWriter out) {
        keepLargest(matrix.count(), kept(ratio, matrix.count()), values);
        SparseCode.write(matrix.count(), values, out);
    }

    @Override
    public void decodeMatrix(Scene scene, Matrix matrix, CodeReader in, float[] out) {
        SparseCode.read(matrix.count(), in, out);
    }

    /** Refuses a ratio outside (0, 1]. */
    static void requireRatio(double ratio) {
        Bounds.positive("ratio", ratio);
        if (ratio > 1) {
            throw new IllegalArgumentException("ratio must be at most 1, was " + ratio);
        }
    }

    /** Returns how many of {@code count} numbers are kept. */
    static int kept(double ratio, int count) {
        return (int) Math.max(1, Math.floor(ratio * count));
    }

    /** Makes all but the {@code kept} largest of {@code count} numbers zero. */
    private static void keepLargest(int count, int kept, float[] values) {
        if (kept >= count) {
            return;
        }
        var least = least(count, kept, values);
        var atLeast = least.kept;
        for (var i = 0; i < count; i++) {
            var magnitude = Magnitudes.of(values[i]);
            if (magnitude < least.magnitude || (magnitude == least.magnitude && --atLeast < 0)) {
                values[i] = 0;
            }
        }
    }

    /**
     * The least magnitude that is kept.
     *
     * @param kept how many of this magnitude are kept
     */
    private record Least(int magnitude, int kept) {}

    /** Finds the least magnitude that is kept: by counting, part by part of its bits. */
    private static Least least(int count, int kept, float[] values) {
        var candidates = new int[count];
        Magnitudes.of(count, values, candidates);
        var left = count;
        var rank = kept;
        var magnitude = 0;
        var shift = Integer.SIZE - 1;
        for (var bits : PART_BITS) {
            shift -= bits;
            var counts = new int[1 << bits];
            for (var i = 0; i < left; i++) {
                counts[part(candidates[i], shift, bits)]++;
            }
            var part = counts.length - 1;
            while (counts[part] < rank) {
                rank -= counts[part--];
            }
            magnitude |= part << shift;
            left = keepPart(part, shift, bits, left, candidates);
        }
        return new Least(magnitude, rank);
    }

    private static int part(int magnitude, int shift, int bits) {
        return (magnitude >>> shift) & ((1 << bits) - 1);
    }

    /** Moves those with this part to the front, and returns how many they are. */
    private static int keepPart(int part, int shift, int bits, int count, int[] out) {
        var kept = 0;
        for (var i = 0; i < count; i++) {
            var candidate = out[i];
            if (part(candidate, shift, bits) == part) {
                out[kept++] = candidate;
            }
        }
        return kept;
    }
}
