package dev.tutti.common.report;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How far a model's real values are off.
 *
 * @param samples how many
 * @param targets figures of each target column
 */
public record ValueReport(int samples, List<Figures> targets) implements Report {
    /** Copies the list. */
    public ValueReport {
        targets = List.copyOf(targets);
    }

    /**
     * One target column; t is a target, y the model's value, and the sums run over the samples.
     *
     * @param name of the column
     * @param r2 1 − Σ(t − y)² / Σ(t − mean of t)², as scikit-learn's {@code r2_score}: 1 is
     *     perfect, 0 is no better than the mean of these targets; absent if all targets are the
     *     same
     * @param mae Σ|t − y| / samples, in the target's unit
     * @param rmse √(Σ(t − y)² / samples), in the target's unit
     */
    public record Figures(String name, @Nullable Double r2, double mae, double rmse) {}
}
