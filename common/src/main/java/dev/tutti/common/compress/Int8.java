package dev.tutti.common.compress;

import dev.tutti.common.plugin.Bounds;
import dev.tutti.common.plugin.Default;
import dev.tutti.common.random.Seeds;

/**
 * Rounds each number to one of 255 levels, which go from minus to plus the largest magnitude among
 * its neighbours (Alistarh et al. 2017, "QSGD", with 127 levels and the maximum norm). It is
 * rounded up or down by chance, so that the mean is the number itself: no error feedback is needed.
 * A bucket with a number that is not finite has no other ones afterwards.
 *
 * @param bucket numbers, one after another, that share a largest magnitude; the last ones of a
 *     tensor may be fewer
 */
public record Int8(@Default("512") int bucket) implements MatrixCompressor {
    private static final int LEVELS = 127;

    /** Makes a sum positive, so that leaving out its fraction rounds it down. */
    private static final int OFFSET = LEVELS + 1;

    /** Refuses empty buckets. */
    public Int8 {
        Bounds.atLeast("bucket", 1, bucket);
    }

    @Override
    public long matrixBytesMax(Matrix matrix) {
        var buckets = (matrix.count() - 1L) / bucket + 1;
        return Float.BYTES * buckets + matrix.count();
    }

    @Override
    public void encodeMatrix(Scene scene, Matrix matrix, float[] values, CodeWriter out) {
        var random = Seeds.of(scene.seed(), "int8", scene.batch(), scene.shard(), scene.tensor());
        var count = matrix.count();
        var levels = new byte[Math.min(bucket, count)];
        var draws = new int[levels.length + 1];
        for (var at = 0; at < count; ) {
            var size = Math.min(bucket, count - at);
            var largest = Float.intBitsToFloat(Magnitudes.max(at, at + size, values));
            draw(size, random, draws);
            round(at, size, largest, values, draws, levels);
            out.number(largest);
            out.bytes(size, levels);
            place(at, size, largest, levels, values);
            at += size;
        }
    }

    @Override
    public void decodeMatrix(Scene scene, Matrix matrix, CodeReader in, float[] out) {
        var count = matrix.count();
        var levels = new byte[Math.min(bucket, count)];
        for (var at = 0; at < count; ) {
            var size = Math.min(bucket, count - at);
            var largest = in.number();
            in.bytes(size, levels);
            place(at, size, largest, levels, out);
            at += size;
        }
    }

    /** Writes 31 random bits for each number of a bucket. */
    private static void draw(int size, Seeds random, int[] out) {
        for (var i = 0; i < size; i += 2) {
            var two = random.nextLong();
            out[i] = (int) two >>> 1;
            out[i + 1] = (int) (two >>> (Integer.SIZE + 1));
        }
    }

    private static void round(
            int from, int size, float largest, float[] values, int[] draws, byte[] out) {
        // The largest number divided by itself is exactly 1, which a reciprocal would not give. If
        // it is not finite, no level is either times it.
        double divisor = largest == 0 ? 1 : largest;
        for (var i = 0; i < size; i++) {
            var level = values[from + i] * (double) LEVELS / divisor;
            out[i] = (byte) ((int) (level + draws[i] * 0x1p-31 + OFFSET) - OFFSET);
        }
    }

    private static void place(int from, int size, float largest, byte[] levels, float[] out) {
        var unit = (double) largest / LEVELS;
        for (var i = 0; i < size; i++) {
            out[from + i] = (float) (levels[i] * unit);
        }
    }
}
