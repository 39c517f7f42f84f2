package dev.tutti.common.chaos;

import dev.tutti.common.plugin.Bounds;
import dev.tutti.common.plugin.Default;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * A fault that strikes whole processes from outside: the process that started them carries it out.
 */
public sealed interface ProcessFault extends Fault {
    /** A worker process dies at once, by SIGKILL. Nobody replaces it: that is {@link Join}'s. */
    record Kill(int worker, long step) implements ProcessFault {
        @Override
        public OptionalInt victim() {
            return OptionalInt.of(worker);
        }
    }

    /**
     * A worker process stands still: SIGSTOP, and after a while SIGCONT.
     *
     * @param seconds how long, or {@code forever}
     */
    record Pause(int worker, long step, @Default("5") String seconds) implements ProcessFault {
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

    /** A worker process is told to end, by SIGTERM: it finishes what it has begun and leaves. */
    record Leave(int worker, long step) implements ProcessFault {
        @Override
        public OptionalInt victim() {
            return OptionalInt.of(worker);
        }
    }

    /** A new worker process is started; it gets work as soon as it is there. */
    record Join(long step) implements ProcessFault {
        @Override
        public OptionalInt victim() {
            return OptionalInt.empty();
        }
    }

    /**
     * The coordinator's process dies at once, by SIGKILL: {@code tutti resume} goes on from its
     * checkpoint.
     */
    record KillCoordinator(long step) implements ProcessFault {
        @Override
        public OptionalInt victim() {
            return OptionalInt.empty();
        }
    }
}
