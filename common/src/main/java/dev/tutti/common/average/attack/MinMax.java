package dev.tutti.common.average.attack;

import dev.tutti.common.average.mixing.Gram;
import java.util.Optional;

/**
 * All faulty shards send μ − γσ, with the largest γ whose vector is no farther from any honest one
 * than two honest ones are from each other (Shejwalkar and Houmansadr 2021, "Manipulating the
 * Byzantine", section V-B, "Min-Max", with the inverse standard deviation). So no rule that looks
 * for outliers can tell it. The paper halves intervals; here γ solves the quadratic equations.
 */
public record MinMax() implements GramAttack {
    @Override
    public Optional<String> refusal(int honest) {
        return honest >= 2
                ? Optional.empty()
                : Optional.of(
                        "attack min-max needs the distances of at least 2 honest shards, there is 1");
    }

    @Override
    public VectorAttack trial() {
        return new Alie(1, false);
    }

    @Override
    public VectorAttack of(Gram gram, int honest) {
        var largest = 0.0;
        for (var i = 0; i < honest; i++) {
            for (var j = 0; j < i; j++) {
                largest = Math.max(largest, gram.squaredDistance(i, j));
            }
        }
        // The trial is μ − σ.
        var direction = fromMean(gram, honest, honest);
        var a = gram.product(direction, direction);
        var gamma = Double.POSITIVE_INFINITY;
        for (var i = 0; i < honest; i++) {
            var toHonest = fromMean(gram, honest, i);
            var b = -2 * gram.product(direction, toHonest);
            var c = gram.product(toHonest, toHonest) - largest;
            gamma = Math.min(gamma, (-b + Math.sqrt(Math.max(0, b * b - 4 * a * c))) / (2 * a));
        }
        return gamma > 0 && Double.isFinite(gamma) ? new Alie(gamma, false) : trial();
    }

    /** Returns the weights of the vector from the honest mean to a vector. */
    private static double[] fromMean(Gram gram, int honest, int vector) {
        var weights = new double[gram.count()];
        for (var i = 0; i < honest; i++) {
            weights[i] = -1.0 / honest;
        }
        weights[vector] += 1;
        return weights;
    }
}
