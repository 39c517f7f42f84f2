package dev.tutti.common.average.observe;

import java.util.List;

/**
 * What an averaging rule has made of a step's gradients, or would have.
 *
 * @param rule as text
 * @param isOfRun whether the run steps along it
 * @param whole how it lies to the mean
 * @param layers the same of each layer
 */
public record Shadow(String rule, boolean isOfRun, Deviation whole, List<Deviation> layers) {
    /**
     * How a vector lies to the mean over the samples of honest shards.
     *
     * @param cosine with it; 0 if one of them is 0
     * @param distance from it, in lengths of the mean; the bias of the rule in this step
     */
    public record Deviation(double cosine, double distance) {
        /** Returns the deviation of a vector from these inner products. */
        static Deviation of(double withMean, double squared, double meanSquared) {
            var distance = Math.max(0, squared - 2 * withMean + meanSquared);
            return new Deviation(
                    Agreement.cosine(withMean, Math.sqrt(squared), Math.sqrt(meanSquared)),
                    meanSquared > 0 ? Math.sqrt(distance / meanSquared) : 0);
        }
    }
}
