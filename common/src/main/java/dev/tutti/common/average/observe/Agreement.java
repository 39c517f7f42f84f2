package dev.tutti.common.average.observe;

import dev.tutti.common.average.mixing.Gram;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * How far the shards' mean gradients agree, over a layer or over all of them. The mean is that over
 * all samples of honest shards; so is everything but the norms and cosines.
 *
 * <p>The last two are those of McCandlish et al. 2018, appendix A, for any number of shards: by the
 * analysis of variance, tr Σ̂ = Σ nₛ‖gₛ − ḡ‖² / (S − 1), and ‖G‖²̂ = ‖ḡ‖² − (1 − B/N) · tr Σ̂ / B
 * for batches that are drawn without replacement. Both are unbiased, so ‖G‖²̂ may be negative.
 *
 * @param meanNorm length of the mean
 * @param norms length of each shard's
 * @param cosines of each with the mean; 0 if one of them is 0
 * @param variance tr Σ̂ of the gradients of single samples; NaN if it is not known
 * @param squaredNorm ‖G‖²̂ of the gradient over all training samples; NaN if it is not known
 */
public record Agreement(
        double meanNorm,
        List<Double> norms,
        List<Double> cosines,
        double variance,
        double squaredNorm) {
    /**
     * Returns the agreement of vectors.
     *
     * @param samples of each shard
     * @param honest shards, the first ones
     * @param population N, the training samples; 0 if shards do not differ by chance alone, so that
     *     nothing follows from it
     */
    static Agreement of(Gram gram, int[] samples, int honest, long population) {
        var weights = meanWeights(samples, honest);
        var meanSquare = Math.max(0, gram.product(weights, weights));
        var meanNorm = Math.sqrt(meanSquare);
        var distances = gram.distances(weights);
        var norms = IntStream.range(0, gram.count()).mapToObj(gram::norm).toList();
        var cosines =
                IntStream.range(0, gram.count())
                        .mapToObj(i -> {
                            var only = new double[gram.count()];
                            only[i] = 1;
                            return cosine(gram.product(only, weights), norms.get(i), meanNorm);
                        })
                        .toList();
        if (honest < 2 || population == 0) {
            return new Agreement(meanNorm, norms, cosines, Double.NaN, Double.NaN);
        }
        var batch = Arrays.stream(samples).limit(honest).asLongStream().sum();
        var between = 0.0;
        for (var i = 0; i < honest; i++) {
            between += samples[i] * distances[i] * distances[i];
        }
        var variance = between / (honest - 1);
        var left = 1 - (double) batch / population;
        return new Agreement(
                meanNorm, norms, cosines, variance, meanSquare - left * variance / batch);
    }

    /** Returns the weights of the shards in the mean over the samples of the honest ones. */
    static double[] meanWeights(int[] samples, int honest) {
        var sum = (double) Arrays.stream(samples).limit(honest).asLongStream().sum();
        return IntStream.range(0, samples.length)
                .mapToDouble(i -> i < honest ? samples[i] / sum : 0)
                .toArray();
    }

    /** Returns a cosine, which rounding does not bring out of its bounds; 0 of a zero vector. */
    static double cosine(double product, double left, double right) {
        var both = left * right;
        return both > 0 ? Math.clamp(product / both, -1, 1) : 0;
    }
}
