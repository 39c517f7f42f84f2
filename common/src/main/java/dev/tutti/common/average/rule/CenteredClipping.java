package dev.tutti.common.average.rule;

import dev.tutti.common.average.mixing.Gram;
import dev.tutti.common.plugin.Bounds;
import dev.tutti.common.plugin.Default;
import java.util.Arrays;

/**
 * From a centre v on, a step by the mean of the vectors as seen from v, each clipped to the length
 * τ: v ← v + 1/n Σ (xᵢ − v) · min(1, τ / ‖xᵢ − v‖) (Karimireddy et al. 2021, "Learning from History
 * for Byzantine Robust Optimization", equation CC). A vector can move the result by no more than
 * τ/n in an iteration.
 *
 * <p>With history it begins with the average of the step before, as the paper does; the coordinator
 * keeps that average, and checkpoints have it. In the first step, without history, and where
 * workers take steps of their own, it begins with the medoid, the vector with the least sum of
 * distances to the others, which is an honest one or close to many.
 *
 * @param tau τ, above 0
 * @param iterations at least 1
 * @param relative whether τ is in medians of the distances of the vectors to the centre, taken anew
 *     in each iteration; else it has the gradient's scale: about the distances of honest shards
 * @param history whether it begins with the average of the step before
 */
public record CenteredClipping(
        @Default("1.0") double tau,
        @Default("1") int iterations,
        @Default("true") boolean relative,
        @Default("true") boolean history)
        implements DistanceRule {
    /** Refuses a length that is not above 0, and no iteration. */
    public CenteredClipping {
        Bounds.positive("tau", tau);
        Bounds.atLeast("iterations", 1, iterations);
    }

    @Override
    public boolean keepsAverage() {
        return history;
    }

    @Override
    public double[] coefficients(Gram gram) {
        var centre = new double[gram.count()];
        centre[medoid(gram)] = 1;
        return clipped(gram, gram.count(), centre);
    }

    @Override
    public double[] coefficientsFromLast(Gram gram) {
        var centre = new double[gram.count()];
        centre[gram.count() - 1] = 1;
        return clipped(gram, gram.count() - 1, centre);
    }

    /**
     * Moves the centre.
     *
     * @param count vectors that are averaged, the first ones
     */
    private double[] clipped(Gram gram, int count, double[] centre) {
        for (var iteration = 0; iteration < iterations; iteration++) {
            var shares = gram.distances(centre);
            var radius = relative ? tau * median(Arrays.copyOf(shares, count)) : tau;
            Arrays.setAll(shares, i -> i < count ? share(shares[i], radius) / count : 0);
            var rest = 1.0;
            for (var share : shares) {
                rest -= share;
            }
            var kept = rest;
            Arrays.setAll(centre, i -> kept * centre[i] + shares[i]);
        }
        return centre;
    }

    /** Returns the share of a vector's way that is taken; nothing of one that is not finite. */
    private static double share(double distance, double radius) {
        return distance > radius ? radius / distance : Double.isFinite(distance) ? 1 : 0;
    }

    /** Returns the lower median; what is not a number counts as far away. */
    private static double median(double[] distances) {
        Arrays.sort(distances);
        return distances[(distances.length - 1) / 2];
    }

    /** Returns the vector with the least sum of distances; of equal ones the shorter, the first. */
    private static int medoid(Gram gram) {
        var best = 0;
        var least = Double.POSITIVE_INFINITY;
        for (var i = 0; i < gram.count(); i++) {
            var sum = sumOfDistances(gram, i);
            if (sum < least || (sum == least && gram.norm(i) < gram.norm(best))) {
                least = sum;
                best = i;
            }
        }
        return best;
    }

    private static double sumOfDistances(Gram gram, int from) {
        if (!Double.isFinite(gram.norm(from))) {
            return Double.POSITIVE_INFINITY;
        }
        var distances = new double[gram.count()];
        Arrays.setAll(distances, i -> Math.sqrt(gram.squaredDistance(from, i)));
        // In ascending order, so that the order of the shards does not matter.
        Arrays.sort(distances);
        var sum = 0.0;
        for (var distance : distances) {
            sum += Double.isFinite(distance) ? distance : 0;
        }
        return sum;
    }
}
