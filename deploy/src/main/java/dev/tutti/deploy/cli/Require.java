package dev.tutti.deploy.cli;

/** Refuses options whose values cannot be used, as an error of usage. */
public final class Require {
    private Require() {}

    public static void notNegative(String option, long value) {
        that(value >= 0, "%s must be at least 0, was %d".formatted(option, value));
    }

    public static void positive(String option, long value) {
        that(value >= 1, "%s must be at least 1, was %d".formatted(option, value));
    }

    /**
     * Refuses with a message unless a condition holds.
     *
     * @param message what was found, what was expected, what to do
     */
    public static void that(boolean holds, String message) {
        if (!holds) {
            throw new UserException(ExitCode.USAGE, message);
        }
    }
}
