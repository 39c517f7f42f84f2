package dev.tutti.common.average.mixing;

/**
 * Scales every vector that is longer than {@code norm} down to that length; one that is not finite
 * becomes 0.
 *
 * @param norm above 0; {@code inf} changes no vector
 */
public record Clip(double norm) implements GramMixing {
    /** Refuses a norm that is not above 0. */
    public Clip {
        if (!(norm > 0)) {
            throw new IllegalArgumentException("norm must be above 0, was " + norm);
        }
    }

    @Override
    public boolean isNeutral() {
        return norm == Double.POSITIVE_INFINITY;
    }

    @Override
    public double[][] rows(Gram gram) {
        return rows(gram, norm);
    }

    /** Returns the weights that scale vectors down to a length. */
    static double[][] rows(Gram gram, double norm) {
        var rows = new double[gram.count()][gram.count()];
        for (var i = 0; i < rows.length; i++) {
            var length = gram.norm(i);
            rows[i][i] = length > norm ? norm / length : Double.isFinite(length) ? 1 : 0;
        }
        return rows;
    }
}
