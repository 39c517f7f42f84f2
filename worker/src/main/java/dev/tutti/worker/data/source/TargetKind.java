package dev.tutti.worker.data.source;

import dev.tutti.common.data.Targets;

/** What a target column is taken for. */
public enum TargetKind {
    /** The column's values decide, by the rule of {@link TargetRule}. */
    BY_VALUES,
    /** Classes, words or whole numbers. */
    CLASSES,
    /** Real values. */
    VALUES,
    /** Real values, or classes if the column begins with a word: what a loss over values takes. */
    VALUES_OR_WORDS;

    /** Returns what a loss takes a column for. */
    public static TargetKind of(Targets.Kind wanted) {
        return switch (wanted) {
            case LABELS -> CLASSES;
            case VALUES -> VALUES_OR_WORDS;
        };
    }
}
