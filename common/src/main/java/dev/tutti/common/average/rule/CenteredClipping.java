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
 * <p>The paper begins with the result of the step before. This rule keeps nothing between steps: it
 * begins with the medoid, the vector with the least sum of distances to the others, which is an
 * honest one or close to many.
 *
 * @param tau τ, above 0; it has the gradient's scale: about the distances of honest shards
 * @param iterations at least 1
 */
public record CenteredClipping(@Default("10.0") double tau, @Default("3") int iterations)
        implements DistanceRule {
    /** Refuses a length that is not above 0, and no iteration. */
    public CenteredClipping {
        Bounds.positive("tau", tau);
        Bounds.atLeast("iterations", 1, iterations);
    }

    @Override
    public double[] coefficients(Gram gram) {
        var count = gram.count();
        var centre = new double[count];
        centre[medoid(gram)] = 1;
        for (var iteration = 0; iteration < iterations; iteration++) {
            var shares = gram.distances(centre);
            Arrays.setAll(shares, i -> (shares[i] > tau ? tau / shares[i] : 1) / count);
            var rest = 1.0;
            for (var share : shares) {
                rest -= share;
            }
            var kept = rest;
            Arrays.setAll(centre, i -> kept * centre[i] + shares[i]);
        }
        return centre;
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
        var distances = new double[gram.count()];
        Arrays.setAll(distances, i -> Math.sqrt(gram.squaredDistance(from, i)));
        // In ascending order, so that the order of the shards does not matter.
        Arrays.sort(distances);
        var sum = 0.0;
        for (var distance : distances) {
            sum += distance;
        }
        return sum;
    }
}
