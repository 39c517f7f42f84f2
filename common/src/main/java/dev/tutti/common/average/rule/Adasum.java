package dev.tutti.common.average.rule;

import dev.tutti.common.average.mixing.Gram;

/**
 * Adds what is orthogonal and averages what is parallel, layer by layer: two vectors become (1 −
 * a·b / 2‖a‖²) a + (1 − a·b / 2‖b‖²) b, and more of them pairwise (Maleki et al. 2021, "Scaling
 * Distributed Training with Adaptive Summation"). Of a vector of zeros nothing is taken off.
 *
 * <p>The paper asks for a power of two. Here the pairs are those of the shard tree, whose left
 * child has the largest power of two below the node's size; so the order of the shards matters. The
 * result is as long as a sum where vectors are orthogonal: it is for rates of one shard's batch.
 */
public record Adasum() implements DistanceRule {
    @Override
    public boolean isByLayer() {
        return true;
    }

    @Override
    public double[] coefficients(Gram gram) {
        var weights = new double[gram.count()];
        add(gram, 0, gram.count(), weights);
        return weights;
    }

    /** Writes the weights of the vectors {@code from} to {@code to} in what they become. */
    private static void add(Gram gram, int from, int to, double[] out) {
        if (to - from == 1) {
            out[from] = 1;
            return;
        }
        var middle = from + Integer.highestOneBit(to - from - 1);
        var left = new double[out.length];
        var right = new double[out.length];
        add(gram, from, middle, left);
        add(gram, middle, to, right);
        var product = gram.product(left, right);
        var ofLeft = share(product, gram.product(left, left));
        var ofRight = share(product, gram.product(right, right));
        for (var i = from; i < to; i++) {
            out[i] = i < middle ? ofLeft * left[i] : ofRight * right[i];
        }
    }

    private static double share(double product, double squaredNorm) {
        return squaredNorm > 0 ? 1 - product / (2 * squaredNorm) : 1;
    }
}
