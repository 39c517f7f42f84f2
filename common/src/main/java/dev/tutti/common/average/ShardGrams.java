package dev.tutti.common.average;

import dev.tutti.common.average.mixing.Gram;
import dev.tutti.common.average.pipeline.Averaging;
import dev.tutti.common.average.pipeline.GradientLayout.Part;
import dev.tutti.common.vector.Blocks;
import dev.tutti.common.vector.FiniteCheck;
import dev.tutti.common.vector.Parallel;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The inner products of the shards' mean gradients, as they are after the attack: one matrix for
 * each part of the vectors that is averaged, or looked at, by itself. Products are added up in
 * doubles, over stripes of a fixed length from the start of the part on; the stripes' sums are
 * added in their order. So the bits depend neither on chunks nor on threads (law 2).
 */
final class ShardGrams {
    /** Floats of a stripe, which one thread goes over. */
    private static final int STRIPE_FLOATS = 1 << 16;

    /** Products of all stripes that are gone over at the same time: 32 MiB. */
    private static final int PRODUCTS_MAX = 1 << 22;

    private final ShardMeans vectors;
    private final Averaging averaging;
    private final long step;
    private final int shards;

    private ShardGrams(ShardMeans vectors, Averaging averaging, long step) {
        this.vectors = vectors;
        this.averaging = averaging;
        this.step = step;
        this.shards = vectors.count();
    }

    /**
     * Returns the matrix of each part that is a gradient, in their order; empty if any number of
     * the vectors is not finite.
     *
     * @param parts that together are all of the vectors
     */
    static Optional<List<Gram>> of(
            ShardMeans vectors, List<Part> parts, Averaging averaging, long step) {
        var pass = new ShardGrams(vectors, averaging, step);
        var grams = new ArrayList<Gram>();
        for (var part : parts) {
            var products = pass.products(part);
            if (products.isEmpty()) {
                return Optional.empty();
            }
            if (part.isGradient()) {
                grams.add(Gram.of(pass.shards, products.get()));
            }
        }
        return Optional.of(grams);
    }

    private Optional<double[]> products(Part part) {
        var to = Math.min(part.to(), vectors.length());
        if (to <= part.from()) {
            return Optional.of(new double[shards * shards]);
        }
        var stripes = (int) ((to - part.from() + STRIPE_FLOATS - 1) / STRIPE_FLOATS);
        var together = Math.clamp(PRODUCTS_MAX / ((long) shards * shards), 1, 1 << 10);
        var sum = new double[shards * shards];
        for (var first = 0; first < stripes; first += together) {
            var count = Math.min(together, stripes - first);
            var sums = new double[count][];
            var finite = new boolean[count];
            var begin = first;
            Parallel.forEach(
                    count,
                    (long) count * STRIPE_FLOATS * shards,
                    i -> {
                        var from = part.from() + (long) (begin + i) * STRIPE_FLOATS;
                        sums[i] = new double[shards * shards];
                        finite[i] = stripe(part, from, Math.min(from + STRIPE_FLOATS, to), sums[i]);
                    });
            for (var i = 0; i < count; i++) {
                if (!finite[i]) {
                    return Optional.empty();
                }
                add(sums[i], sum);
            }
        }
        return Optional.of(sum);
    }

    /** Adds the products of one stripe, and tells whether what came of it is finite. */
    private boolean stripe(Part part, long from, long to, double[] out) {
        var finite = new FiniteCheck();
        var block = new float[shards][Blocks.FLOATS_MAX];
        var wide = new double[shards][Blocks.FLOATS_MAX];
        for (var at = from; at < to; at += Blocks.FLOATS_MAX) {
            var count = (int) Math.min(Blocks.FLOATS_MAX, to - at);
            vectors.read(at, count, finite, block);
            if (part.isGradient()) {
                averaging.strike(step, at, count, block);
                for (var i = 0; i < shards; i++) {
                    widen(count, block[i], wide[i]);
                    for (var j = 0; j <= i; j++) {
                        out[j * shards + i] += product(count, wide[j], wide[i]);
                    }
                }
            }
        }
        return finite.allFinite();
    }

    private static void widen(int count, float[] in, double[] out) {
        for (var k = 0; k < count; k++) {
            out[k] = in[k];
        }
    }

    /** Four sums, so that an addition need not wait for the one before. */
    private static double product(int count, double[] left, double[] right) {
        var a = 0.0;
        var b = 0.0;
        var c = 0.0;
        var d = 0.0;
        var k = 0;
        for (; k + 3 < count; k += 4) {
            a += left[k] * right[k];
            b += left[k + 1] * right[k + 1];
            c += left[k + 2] * right[k + 2];
            d += left[k + 3] * right[k + 3];
        }
        for (; k < count; k++) {
            a += left[k] * right[k];
        }
        return (a + b) + (c + d);
    }

    private static void add(double[] term, double[] out) {
        for (var i = 0; i < out.length; i++) {
            out[i] += term[i];
        }
    }
}
