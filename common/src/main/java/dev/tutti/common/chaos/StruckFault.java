package dev.tutti.common.chaos;

import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A fault that has struck.
 *
 * @param step in which it did: its own, or the first one after that in which its worker computed
 * @param fault its text
 */
public record StruckFault(long step, String fault) {
    private static final Pattern LINE = Pattern.compile("step ([0-9]{1,18}): (.+)");

    /** Returns what a line says; empty if it was cut short. */
    public static Optional<StruckFault> parse(String line) {
        var match = LINE.matcher(line);
        return match.matches()
                ? Optional.of(new StruckFault(Long.parseLong(match.group(1)), match.group(2)))
                : Optional.empty();
    }

    /** Returns the line that {@link #parse} reads. */
    @Override
    public String toString() {
        return "step %d: %s".formatted(step, fault);
    }
}
