package dev.tutti.common.average.observe;

import dev.tutti.common.average.rule.AveragingRule;
import java.util.List;

/**
 * In which steps a run is looked at, and how closely.
 *
 * @param every steps between two looks at the shards' gradients; 0 for none
 * @param shadows rules that are tried on what is seen, beside the run's own
 * @param proveEvery steps between two proofs; 0 for none
 * @param digestEvery steps between two records of digests; 0 for none
 */
public record Observing(int every, List<AveragingRule> shadows, int proveEvery, int digestEvery) {
    /** Nothing is looked at. */
    public static final Observing NONE = new Observing(0, List.of(), 0, 0);

    /** Copies the list. */
    public Observing {
        shadows = List.copyOf(shadows);
    }

    /** Tells whether any step of the run is looked at. */
    public boolean isAny() {
        return every > 0 || proveEvery > 0 || digestEvery > 0;
    }

    /**
     * Tells whether any step waits for the whole gradients of all shards, which are then kept at
     * the same time.
     */
    public boolean needsWholeVectors() {
        return every > 0 || proveEvery > 0;
    }

    /** Tells whether the gradients of the step after so many are looked at. */
    public boolean isSeen(long version) {
        return isDue(every, version);
    }

    /** Tells whether the step after so many is proved. */
    public boolean isProved(long version) {
        return isDue(proveEvery, version);
    }

    /** Tells whether digests of the step after so many are recorded. */
    public boolean isDigested(long version) {
        return isDue(digestEvery, version);
    }

    /** Tells whether the step after so many waits for the whole gradients of all shards. */
    public boolean needsWholeVectors(long version) {
        return isSeen(version) || isProved(version);
    }

    /** Tells whether each shard of the step after so many must come by itself. */
    public boolean keepsApart(long version) {
        return needsWholeVectors(version) || isDigested(version);
    }

    private static boolean isDue(int every, long version) {
        return every > 0 && (version + 1) % every == 0;
    }
}
