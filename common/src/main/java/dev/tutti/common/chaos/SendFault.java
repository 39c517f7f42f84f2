package dev.tutti.common.chaos;

import java.util.OptionalInt;

/** A fault on the way of a contribution to the coordinator. */
public sealed interface SendFault extends Fault permits DropLink, Duplicate, Corrupt {
    /** Returns the number of the worker process. */
    int worker();

    @Override
    default OptionalInt victim() {
        return OptionalInt.of(worker());
    }
}
