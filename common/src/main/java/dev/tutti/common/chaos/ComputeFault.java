package dev.tutti.common.chaos;

import java.util.OptionalInt;

/** A fault in what a worker computes. */
public sealed interface ComputeFault extends Fault permits Slow, Nan {
    /** Returns the number of the worker process. */
    int worker();

    @Override
    default OptionalInt victim() {
        return OptionalInt.of(worker());
    }
}
