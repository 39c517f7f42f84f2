package dev.tutti.coordinator.record;

import dev.tutti.common.average.observe.Agreement;

/**
 * The gradient noise scale of McCandlish et al. 2018, tr Σ / ‖G‖²: the batch at which noise and
 * gradient are equally long. It is a ratio of moving averages; an average of ratios would have a
 * bias.
 *
 * @param variance moving average of tr Σ̂
 * @param squaredNorm moving average of ‖G‖²̂
 */
public record NoiseScale(double variance, double squaredNorm) {
    /** What is not known yet. */
    static final NoiseScale UNKNOWN = new NoiseScale(Double.NaN, Double.NaN);

    /** What a step adds to the averages: they go back over about ten steps that are looked at. */
    private static final double FRESH = 0.1;

    /** Returns the averages with one step more. */
    NoiseScale with(Agreement seen) {
        if (Double.isNaN(seen.variance())) {
            return this;
        }
        return Double.isNaN(variance)
                ? new NoiseScale(seen.variance(), seen.squaredNorm())
                : new NoiseScale(
                        variance + FRESH * (seen.variance() - variance),
                        squaredNorm + FRESH * (seen.squaredNorm() - squaredNorm));
    }

    /** Tells whether the averages are known. */
    boolean isKnown() {
        return !Double.isNaN(variance);
    }

    /** Tells whether the gradient cannot be told from the noise, so that there is no scale. */
    boolean isNoise() {
        return isKnown() && squaredNorm <= 0;
    }

    /** Returns the scale in samples; NaN if there is none. */
    double samples() {
        return squaredNorm > 0 ? variance / squaredNorm : Double.NaN;
    }

    /**
     * Returns what it means for a run, in one line.
     *
     * @param batch samples of a step
     */
    String advice(int batch) {
        if (!isKnown()) {
            return "no noise scale";
        }
        if (isNoise()) {
            return "noise dominates: at a batch of %d the gradient cannot be told from the noise, so larger batches would save steps"
                    .formatted(batch);
        }
        return "noise scale %.0f samples: a batch of %d is %s (an upper guess: on MNIST such figures were four times the batch that was measured to be best)"
                .formatted(
                        samples(),
                        batch,
                        batch < samples()
                                ? "below it, so noise limits the steps and larger batches save some"
                                : "above it, so larger batches save few steps and cost samples");
    }
}
