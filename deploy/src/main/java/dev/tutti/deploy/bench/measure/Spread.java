package dev.tutti.deploy.bench.measure;

import java.util.Arrays;
import java.util.List;

/**
 * What repeated measurements of one thing say.
 *
 * @param median the one in the middle, or the mean of the two there
 * @param min the least
 * @param max the greatest
 */
public record Spread(double median, double min, double max) {
    /** Returns the spread of at least one value. */
    public static Spread of(List<Double> values) {
        requireSome(values);
        var sorted = values.stream().mapToDouble(Double::doubleValue).toArray();
        Arrays.sort(sorted);
        var count = sorted.length;
        return new Spread(
                (sorted[(count - 1) / 2] + sorted[count / 2]) / 2, sorted[0], sorted[count - 1]);
    }

    /** Returns the mean of ratios: of r and 1/r it is 1. */
    public static double geometricMean(List<Double> ratios) {
        requireSome(ratios);
        return Math.exp(ratios.stream().mapToDouble(Math::log).average().orElseThrow());
    }

    /** Returns it as {@code median (min…max)}. */
    public String text(String format) {
        return "%s (%s…%s)"
                .formatted(format.formatted(median), format.formatted(min), format.formatted(max));
    }

    private static void requireSome(List<Double> values) {
        if (values.isEmpty()) {
            throw new IllegalArgumentException("nothing was measured");
        }
    }
}
