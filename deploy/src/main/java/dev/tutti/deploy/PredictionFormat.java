package dev.tutti.deploy;

import java.util.Locale;

/** How predictions are written. */
enum PredictionFormat {
    /** Comma-separated text with a line of names. */
    CSV,
    /** A JSON object in each line. */
    JSONL;

    /** Returns the name as it is written on the command line. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
