package dev.tutti.common.compress;

import dev.tutti.common.plugin.Default;
import dev.tutti.common.random.Seeds;
import java.util.Arrays;
import java.util.BitSet;

/**
 * Keeps random numbers of each tensor, and makes all others zero (Stich et al. 2018, "Sparsified
 * SGD with memory"). Which ones follows from the seed, so their places are not sent. It is drawn
 * anew for each batch and is the same for all virtual workers: so the sum of their numbers has a
 * code too. If a number that is left out is not finite, the first one that is kept becomes NaN.
 *
 * @param ratio fraction of the numbers that is kept, at least one
 * @param scaled if true, those are multiplied by their number over that of all, so that the mean of
 *     many draws is the tensor. Not so inside {@link ErrorFeedback}, which would add more than was
 *     left out.
 */
public record RandomK(@Default("0.01") double ratio, @Default("false") boolean scaled)
        implements MatrixCompressor {
    /** Refuses a ratio outside (0, 1]. */
    public RandomK {
        TopK.requireRatio(ratio);
    }

    @Override
    public long matrixBytesMax(Matrix matrix) {
        return (long) Float.BYTES * TopK.kept(ratio, matrix.count());
    }

    @Override
    public void encodeMatrix(Scene scene, Matrix matrix, float[] values, CodeWriter out) {
        var count = matrix.count();
        var kept = new float[TopK.kept(ratio, count)];
        var places = places(scene, count, kept.length);
        var factor = scaled ? (float) ((double) count / kept.length) : 1f;
        var at = 0;
        for (var i = places.nextSetBit(0); i >= 0; i = places.nextSetBit(i + 1)) {
            kept[at++] = values[i] * factor;
        }
        if (Magnitudes.max(0, count, values) >= Magnitudes.INFINITE) {
            kept[0] = Float.NaN;
        }
        out.numbers(kept.length, kept);
        place(places, kept, count, values);
    }

    @Override
    public void decodeMatrix(Scene scene, Matrix matrix, CodeReader in, float[] out) {
        var count = matrix.count();
        var kept = new float[TopK.kept(ratio, count)];
        in.numbers(kept.length, kept);
        place(places(scene, count, kept.length), kept, count, out);
    }

    /** Draws places, each choice of so many as likely as any other (Floyd; Bentley 1987). */
    private static BitSet places(Scene scene, int count, int kept) {
        var random = Seeds.of(scene.seed(), "random-k", scene.batch(), scene.tensor());
        var places = new BitSet(count);
        for (var i = count - kept; i < count; i++) {
            var drawn = random.nextInt(i + 1);
            places.set(places.get(drawn) ? i : drawn);
        }
        return places;
    }

    private static void place(BitSet places, float[] kept, int count, float[] out) {
        Arrays.fill(out, 0, count, 0f);
        var at = 0;
        for (var i = places.nextSetBit(0); i >= 0; i = places.nextSetBit(i + 1)) {
            out[i] = kept[at++];
        }
    }
}
