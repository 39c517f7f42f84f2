package dev.tutti.common.chaos;

import java.util.OptionalInt;

/** A worker process dies at once, by SIGKILL. Nobody replaces it: that is {@link Join}'s. */
public record Kill(int worker, long step) implements ProcessFault {
    @Override
    public OptionalInt victim() {
        return OptionalInt.of(worker);
    }
}
