package dev.tutti.common.chaos;

import java.util.OptionalInt;

/** A worker process is told to end, by SIGTERM: it finishes what it has begun and leaves. */
public record Leave(int worker, long step) implements ProcessFault {
    @Override
    public OptionalInt victim() {
        return OptionalInt.of(worker);
    }
}
