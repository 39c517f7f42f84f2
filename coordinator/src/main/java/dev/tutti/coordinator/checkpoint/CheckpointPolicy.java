package dev.tutti.coordinator.checkpoint;

import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * How often checkpoints are taken, and how many are kept.
 *
 * @param everySteps steps between two
 * @param everyTime time between two; whichever comes first counts, and without either there are
 *     none
 * @param kept newest ones that stay
 */
public record CheckpointPolicy(OptionalLong everySteps, Optional<Duration> everyTime, int kept) {
    private static final String NEVER = "never";

    /** Refuses intervals and counts below 1. */
    public CheckpointPolicy {
        if (everySteps.orElse(1) < 1 || everyTime.orElse(Duration.ofSeconds(1)).toSeconds() < 1) {
            throw new IllegalArgumentException("checkpoints must be at least 1 step or 1s apart");
        }
        if (kept < 1) {
            throw new IllegalArgumentException("at least 1 checkpoint must be kept, was " + kept);
        }
    }

    /**
     * Reads {@code 500} (steps), {@code 30s} (seconds), both with a comma, or {@code never}.
     *
     * @throws IllegalArgumentException if the text is something else
     */
    public static CheckpointPolicy parse(String text, int kept) {
        var steps = OptionalLong.empty();
        var time = Optional.<Duration>empty();
        for (var part : text.equals(NEVER) ? new String[0] : text.split(",", -1)) {
            if (part.matches("\\d{1,9}") && steps.isEmpty()) {
                steps = OptionalLong.of(Long.parseLong(part));
            } else if (part.matches("\\d{1,9}s") && time.isEmpty()) {
                time = Optional.of(Duration.ofSeconds(Long.parseLong(part.replace("s", ""))));
            } else {
                throw new IllegalArgumentException(
                        "must be steps such as 500, seconds such as 30s, both with a comma, or never; was \"%s\""
                                .formatted(text));
            }
        }
        return new CheckpointPolicy(steps, time, kept);
    }

    /** Tells whether there are any. */
    public boolean isActive() {
        return everySteps.isPresent() || everyTime.isPresent();
    }

    /** Tells whether one is due, so many steps and so much time after the last. */
    boolean isDue(long steps, long nanos) {
        return (everySteps.isPresent() && steps >= everySteps.getAsLong())
                || everyTime.filter(time -> nanos >= time.toNanos()).isPresent();
    }
}
