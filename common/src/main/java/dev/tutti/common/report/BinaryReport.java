package dev.tutti.common.report;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How often a model finds targets of 0 and 1, each by an output of its own.
 *
 * @param samples how many
 * @param threshold probability above which an output says 1
 * @param targets figures of each target column
 */
public record BinaryReport(int samples, double threshold, List<Figures> targets) implements Report {
    /** Copies the list. */
    public BinaryReport {
        targets = List.copyOf(targets);
    }

    /**
     * One target column.
     *
     * @param name of the column
     * @param ones samples whose target is 1
     * @param predicted samples for which the model says 1
     * @param accuracy share of the samples for which the model says what the target is
     * @param precision share of {@code predicted} that is right; absent if that is 0
     * @param recall share of {@code ones} that is found; absent if that is 0
     * @param f1 harmonic mean of both; absent if both counts are 0
     */
    public record Figures(
            String name,
            int ones,
            int predicted,
            double accuracy,
            @Nullable Double precision,
            @Nullable Double recall,
            @Nullable Double f1) {
        static Figures of(String name, int samples, Counts counts) {
            var wrong = counts.wrong() + counts.missed();
            return new Figures(
                    name,
                    counts.right() + counts.missed(),
                    counts.right() + counts.wrong(),
                    (double) (samples - wrong) / samples,
                    counts.precision(),
                    counts.recall(),
                    counts.f1());
        }
    }
}
