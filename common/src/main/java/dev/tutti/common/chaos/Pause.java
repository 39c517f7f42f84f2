package dev.tutti.common.chaos;

import dev.tutti.common.plugin.Bounds;
import dev.tutti.common.plugin.Default;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * A worker process stands still: SIGSTOP, and after a while SIGCONT.
 *
 * @param seconds how long, or {@code forever}
 */
public record Pause(int worker, long step, @Default("5") String seconds) implements ProcessFault {
    /** The length of a pause that does not end. */
    public static final String FOREVER = "forever";

    /** Refuses a length that is none. */
    public Pause {
        if (!seconds.equals(FOREVER)) {
            Bounds.positive("seconds", number(seconds));
        }
    }

    private static double number(String seconds) {
        try {
            return Double.parseDouble(seconds);
        } catch (NumberFormatException _) {
            throw new IllegalArgumentException(
                    "seconds must be a number or %s, was %s".formatted(FOREVER, seconds));
        }
    }

    /** Returns how long it lasts; empty if for ever. */
    public OptionalLong millis() {
        return seconds.equals(FOREVER)
                ? OptionalLong.empty()
                : OptionalLong.of(Math.round(1000 * number(seconds)));
    }

    @Override
    public OptionalInt victim() {
        return OptionalInt.of(worker);
    }
}
