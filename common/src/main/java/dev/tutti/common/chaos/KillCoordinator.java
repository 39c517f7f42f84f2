package dev.tutti.common.chaos;

import java.util.OptionalInt;

/**
 * The coordinator's process dies at once, by SIGKILL: {@code tutti resume} goes on from its
 * checkpoint.
 */
public record KillCoordinator(long step) implements ProcessFault {
    @Override
    public OptionalInt victim() {
        return OptionalInt.empty();
    }
}
