package dev.tutti.common.average.observe;

import dev.tutti.common.average.observe.Shadow.Deviation;
import dev.tutti.common.average.pipeline.Averaging;
import dev.tutti.common.average.pipeline.GradientLayout.Part;
import dev.tutti.common.average.pipeline.StepAverage;
import dev.tutti.common.vector.Blocks;
import dev.tutti.common.vector.Parallel;
import java.util.ArrayList;
import java.util.List;

/**
 * Goes once over the shards' vectors, and compares what an average makes of them with their mean.
 * Sums are added up in doubles, over stripes of a fixed length, as those of the Gram matrix are: so
 * their bits depend on no thread.
 */
final class ShadowPass {
    private static final int STRIPE_FLOATS = 1 << 16;

    private final ShardVectors vectors;
    private final Averaging averaging;
    private final StepAverage average;
    private final double[] meanWeights;

    /**
     * Makes the pass of one average.
     *
     * @param meanWeights of the shards in the mean
     */
    ShadowPass(
            ShardVectors vectors, Averaging averaging, StepAverage average, double[] meanWeights) {
        this.vectors = vectors;
        this.averaging = averaging;
        this.average = average;
        this.meanWeights = meanWeights;
    }

    /** Inner products: of the average with the mean, with itself, and of the mean with itself. */
    private static final class Sums {
        private double withMean;
        private double squared;
        private double meanSquared;

        void add(Sums other) {
            withMean += other.withMean;
            squared += other.squared;
            meanSquared += other.meanSquared;
        }

        Deviation deviation() {
            return Deviation.of(withMean, squared, meanSquared);
        }
    }

    /**
     * Returns the deviations of the average.
     *
     * @param rule its name
     * @param layers the gradient's
     */
    Shadow shadow(String rule, boolean isOfRun, List<Part> layers) {
        var whole = new Sums();
        var deviations = new ArrayList<Deviation>();
        for (var layer : layers) {
            var sums = sums(layer);
            whole.add(sums);
            deviations.add(sums.deviation());
        }
        return new Shadow(rule, isOfRun, whole.deviation(), deviations);
    }

    private Sums sums(Part layer) {
        var to = Math.min(layer.to(), vectors.length());
        var count = (int) Math.max(0, (to - layer.from() + STRIPE_FLOATS - 1) / STRIPE_FLOATS);
        var stripes = new Sums[count];
        Parallel.forEach(
                count,
                (long) count * STRIPE_FLOATS * meanWeights.length,
                i -> {
                    var from = layer.from() + (long) i * STRIPE_FLOATS;
                    stripes[i] = stripe(from, Math.min(from + STRIPE_FLOATS, to));
                });
        var sum = new Sums();
        for (var stripe : stripes) {
            sum.add(stripe);
        }
        return sum;
    }

    private Sums stripe(long from, long to) {
        var sums = new Sums();
        var pass = average.pass();
        var part = partOf(from);
        var block = new float[meanWeights.length][Blocks.FLOATS_MAX];
        var mean = new double[Blocks.FLOATS_MAX];
        var out = new float[Blocks.FLOATS_MAX];
        for (var at = from; at < to; at += Blocks.FLOATS_MAX) {
            var count = (int) Math.min(Blocks.FLOATS_MAX, to - at);
            vectors.read(at, count, block);
            // Honest shards alone make the mean, and an attack leaves those as they are.
            mean(count, block, mean);
            pass.average(part, at, count, block, out);
            add(count, mean, out, sums);
        }
        return sums;
    }

    /** Returns the part of the average's own cut that a layer is in. */
    private int partOf(long from) {
        var parts = averaging.parts();
        for (var i = 0; i < parts.size(); i++) {
            if (from < parts.get(i).to()) {
                return i;
            }
        }
        throw new IllegalStateException("no part has float " + from);
    }

    private void mean(int count, float[][] block, double[] out) {
        for (var k = 0; k < count; k++) {
            out[k] = 0;
        }
        for (var i = 0; i < block.length; i++) {
            if (meanWeights[i] != 0) {
                for (var k = 0; k < count; k++) {
                    out[k] += meanWeights[i] * block[i][k];
                }
            }
        }
    }

    private static void add(int count, double[] mean, float[] average, Sums out) {
        for (var k = 0; k < count; k++) {
            out.withMean += mean[k] * average[k];
            out.squared += (double) average[k] * average[k];
            out.meanSquared += mean[k] * mean[k];
        }
    }
}
