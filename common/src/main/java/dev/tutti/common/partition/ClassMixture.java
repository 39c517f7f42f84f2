package dev.tutti.common.partition;

import dev.tutti.common.random.Seeds;
import java.util.Arrays;

/**
 * Probabilities of classes, drawn from a Dirichlet distribution: gamma variates divided by their
 * sum. A class that is used up is left out, and the others keep their proportions.
 *
 * <p>Logarithms, because a small concentration gives variates below the smallest double.
 */
final class ClassMixture {
    /** Beyond these a mixture is of one class, or of all in their proportion, to many digits. */
    private static final double SHAPE_MIN = 1e-9;

    private static final double SHAPE_MAX = 1e9;

    /** The logarithm of each class's probability, and of a common factor. */
    private final double[] logs;

    /** For each class the probabilities up to it, times a common factor. */
    private final double[] sums;

    private ClassMixture(double[] logs, int[] left) {
        this.logs = logs;
        this.sums = new double[logs.length];
        weigh(left);
    }

    /**
     * Draws a mixture.
     *
     * @param concentrations of the distribution, one for each class
     * @param left samples of each class
     */
    static ClassMixture draw(Seeds random, double[] concentrations, int[] left) {
        var logs =
                Arrays.stream(concentrations)
                        .map(shape -> logGamma(random, Math.clamp(shape, SHAPE_MIN, SHAPE_MAX)))
                        .toArray();
        return new ClassMixture(logs, left);
    }

    /**
     * Draws a class of which there are samples left.
     *
     * @param left samples of each class, at least one in all
     */
    int next(Seeds random, int[] left) {
        var drawn = drawn(random);
        if (left[drawn] == 0) {
            weigh(left);
            drawn = drawn(random);
        }
        return drawn;
    }

    /** Returns the first class whose sum is above a uniform deviate. */
    private int drawn(Seeds random) {
        var deviate = random.nextDouble() * sums[sums.length - 1];
        var from = 0;
        var to = sums.length - 1;
        while (from < to) {
            var middle = (from + to) >>> 1;
            if (sums[middle] > deviate) {
                to = middle;
            } else {
                from = middle + 1;
            }
        }
        return from;
    }

    /** Leaves out what is used up; the largest of the others has weight 1. */
    private void weigh(int[] left) {
        var largest = Double.NEGATIVE_INFINITY;
        for (var k = 0; k < logs.length; k++) {
            largest = left[k] > 0 ? Math.max(largest, logs[k]) : largest;
        }
        var sum = 0.0;
        for (var k = 0; k < logs.length; k++) {
            // StrictMath, since Math may give other last bits on another processor.
            sum += left[k] > 0 ? StrictMath.exp(logs[k] - largest) : 0;
            sums[k] = sum;
        }
    }

    /**
     * Returns the logarithm of a gamma variate of scale 1 (Marsaglia and Tsang 2000, "A simple
     * method for generating gamma variables"; for a shape below 1 their section 6).
     */
    static double logGamma(Seeds random, double shape) {
        if (shape < 1) {
            return logGamma(random, shape + 1) + StrictMath.log(1 - random.nextDouble()) / shape;
        }
        var d = shape - 1.0 / 3;
        var c = 1 / StrictMath.sqrt(9 * d);
        while (true) {
            var x = random.nextGaussian();
            var root = 1 + c * x;
            var v = root * root * root;
            var u = 1 - random.nextDouble();
            if (v > 0 && StrictMath.log(u) < 0.5 * x * x + d * (1 - v + StrictMath.log(v))) {
                return StrictMath.log(d * v);
            }
        }
    }
}
