package dev.tutti.common.average;

/**
 * The scalar part of a contribution: sums over samples, never means (law 1).
 *
 * @param samples how many
 * @param loss Σ C_i
 * @param correct samples whose largest output is their class; 0 without classes
 * @param sampleHash sum of a hash of each sample's index, by which the ledger knows which samples
 *     were counted (law 3)
 */
public record Totals(int samples, double loss, int correct, long sampleHash) {
    /** The totals of no samples. */
    public static final Totals NONE = new Totals(0, 0, 0, 0);

    /** Returns the totals of both; the losses are added in this order. */
    public Totals plus(Totals right) {
        return new Totals(
                samples + right.samples,
                loss + right.loss,
                correct + right.correct,
                sampleHash + right.sampleHash);
    }

    /** Returns the mean loss, NaN without samples. */
    public double meanLoss() {
        return loss / samples;
    }
}
