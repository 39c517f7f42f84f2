package dev.tutti.common.chaos;

import java.util.OptionalInt;

/** A new worker process is started; it gets work as soon as it is there. */
public record Join(long step) implements ProcessFault {
    @Override
    public OptionalInt victim() {
        return OptionalInt.empty();
    }
}
