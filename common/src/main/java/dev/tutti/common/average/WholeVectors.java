package dev.tutti.common.average;

import dev.tutti.common.average.attack.GramAttack;
import dev.tutti.common.average.attack.LabelAttack;
import dev.tutti.common.average.attack.Stale;
import dev.tutti.common.average.attack.VectorAttack;
import dev.tutti.common.average.mixing.Gram;
import dev.tutti.common.average.pipeline.Averaging;
import dev.tutti.common.average.pipeline.GradientLayout.Part;
import dev.tutti.common.average.pipeline.StepAverage;
import dev.tutti.common.vector.Blocks;
import dev.tutti.common.vector.FiniteCheck;
import dev.tutti.common.vector.Parallel;
import java.util.List;
import java.util.Optional;

/**
 * The average of a step of which all of all vectors is there: what follows from lengths and
 * distances, and how strong an attack is that follows from the step's vectors. Sums are taken over
 * stripes of a fixed length, in their order, so neither chunks nor threads change a bit (law 2).
 *
 * @param vectors of the step
 * @param step counted from 0
 * @param samples of each vector
 */
@SuppressWarnings("ArrayRecordComponent") // Handed on as it is, never compared.
record WholeVectors(ShardMeans vectors, long step, int[] samples) {
    /** Floats of a stripe, which one thread goes over. */
    private static final int STRIPE_FLOATS = 1 << 16;

    /** Returns the average; empty if any number of the vectors is not finite. */
    Optional<StepAverage> average(Averaging averaging) {
        if (!averaging.faults().isTuned()) {
            return fixed(averaging);
        }
        return switch (averaging.faults().attack().orElseThrow()) {
            case VectorAttack attack -> worst(averaging, attack.tries());
            case GramAttack attack ->
                    grams(averaging.with(attack.trial()))
                            .flatMap(grams ->
                                    fixed(
                                            averaging.with(
                                                    attack.of(sum(grams), honest(averaging)))));
            case LabelAttack _, Stale _ -> fixed(averaging);
        };
    }

    private Optional<StepAverage> fixed(Averaging averaging) {
        return averaging.needsDistances()
                ? grams(averaging).map(grams -> StepAverage.of(averaging, step, samples, grams))
                : Optional.of(StepAverage.of(averaging, step, samples));
    }

    private Optional<List<Gram>> grams(Averaging averaging) {
        return ShardGrams.of(vectors, averaging.parts(), averaging, step);
    }

    private static Gram sum(List<Gram> grams) {
        return grams.stream().reduce(Gram::plus).orElseThrow();
    }

    private int honest(Averaging averaging) {
        return averaging.shards(samples.length) - averaging.faults().faulty();
    }

    private Optional<StepAverage> worst(Averaging averaging, List<VectorAttack> tries) {
        Optional<StepAverage> worst = Optional.empty();
        var largest = Double.NEGATIVE_INFINITY;
        for (var attack : tries) {
            var tried = fixed(averaging.with(attack));
            if (tried.isEmpty()) {
                return tried;
            }
            var damage = damage(averaging, tried.get());
            if (damage > largest) {
                largest = damage;
                worst = tried;
            }
        }
        return worst;
    }

    /** Returns the squared distance of an average to the mean of the honest vectors. */
    private double damage(Averaging averaging, StepAverage average) {
        var honest = honest(averaging);
        var sum = 0.0;
        var parts = averaging.parts();
        for (var index = 0; index < parts.size(); index++) {
            var part = index;
            var length = length(parts.get(part));
            var sums = new double[(int) ((length + STRIPE_FLOATS - 1) / STRIPE_FLOATS)];
            Parallel.forEach(
                    sums.length,
                    length * samples.length,
                    i -> {
                        var from = (long) i * STRIPE_FLOATS;
                        sums[i] =
                                damage(
                                        honest,
                                        average.pass(),
                                        part,
                                        parts.get(part).from() + from,
                                        Math.min(STRIPE_FLOATS, length - from));
                    });
            for (var term : sums) {
                sum += term;
            }
        }
        return sum;
    }

    private long length(Part part) {
        return part.isGradient()
                ? Math.max(0, Math.min(part.to(), vectors.length()) - part.from())
                : 0;
    }

    private double damage(int honest, StepAverage.Pass pass, int part, long from, long length) {
        var block = new float[samples.length][Blocks.FLOATS_MAX];
        var out = new float[Blocks.FLOATS_MAX];
        var mean = new double[Blocks.FLOATS_MAX];
        var sum = 0.0;
        for (var at = 0L; at < length; at += Blocks.FLOATS_MAX) {
            var count = (int) Math.min(Blocks.FLOATS_MAX, length - at);
            // What is not finite is found when the average is taken.
            vectors.read(from + at, count, new FiniteCheck(), block);
            mean(honest, count, block, mean);
            pass.average(part, from + at, count, block, out);
            for (var k = 0; k < count; k++) {
                sum += (out[k] - mean[k]) * (out[k] - mean[k]);
            }
        }
        return sum;
    }

    private static void mean(int honest, int count, float[][] vectors, double[] out) {
        for (var k = 0; k < count; k++) {
            var sum = 0.0;
            for (var i = 0; i < honest; i++) {
                sum += vectors[i][k];
            }
            out[k] = sum / honest;
        }
    }
}
