package dev.tutti.common.average.rule;

import dev.tutti.common.average.mixing.Gram;
import dev.tutti.common.plugin.Bounds;
import dev.tutti.common.plugin.Default;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * The point with the least sum of distances to all vectors, nearly: the smoothed Weiszfeld
 * algorithm (Pillutla et al. 2022, "Robust Aggregation for Federated Learning", algorithm 2) from
 * the mean on, a fixed number of iterations: z ← Σ βᵢxᵢ / Σ βᵢ with βᵢ = 1 / max(ν, ‖xᵢ − z‖).
 * Every z is a weighted sum of the vectors, so the distances follow from the Gram matrix.
 *
 * @param nu ν, the distance below which all count as equally near; it has the gradient's scale, so
 *     it must be well below the distances between shards
 * @param iterations at least 1
 */
public record GeometricMedian(@Default("0.1") double nu, @Default("8") int iterations)
        implements DistanceRule {
    /** Refuses a distance that is not above 0, and no iteration. */
    public GeometricMedian {
        Bounds.positive("nu", nu);
        Bounds.atLeast("iterations", 1, iterations);
    }

    @Override
    public double[] coefficients(Gram gram) {
        var weights =
                MultiKrum.mean(
                        gram.count(),
                        IntStream.range(0, gram.count())
                                .filter(i -> Double.isFinite(gram.norm(i)))
                                .boxed()
                                .toList());
        for (var iteration = 0; iteration < iterations; iteration++) {
            var distances = gram.distances(weights);
            Arrays.setAll(
                    weights,
                    i -> Double.isFinite(distances[i]) ? 1 / Math.max(nu, distances[i]) : 0);
            var sum = 0.0;
            for (var weight : weights) {
                sum += weight;
            }
            var whole = sum;
            Arrays.setAll(weights, i -> weights[i] / whole);
        }
        return weights;
    }
}
