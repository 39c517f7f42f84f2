package dev.tutti.worker.data.text;

import java.util.Locale;

/** What stands before the fraction of a number; the other one may divide thousands. */
public enum DecimalMark {
    /** {@code 1,234.5}. */
    POINT,
    /** {@code 1.234,5}. */
    COMMA;

    char character() {
        return switch (this) {
            case POINT -> '.';
            case COMMA -> ',';
        };
    }

    DecimalMark other() {
        return switch (this) {
            case POINT -> COMMA;
            case COMMA -> POINT;
        };
    }

    /** Returns the name that the command line takes. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
