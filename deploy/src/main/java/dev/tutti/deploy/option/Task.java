package dev.tutti.deploy.option;

import java.util.Locale;

/** What a run learns: which class a sample has, or real values. */
public enum Task {
    CLASSIFICATION,
    REGRESSION;

    /** Returns the name as it is written on the command line. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
