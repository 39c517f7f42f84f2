package dev.tutti.common.chaos;

import java.util.OptionalInt;

/** A fault on the way of a contribution to the coordinator. */
public sealed interface SendFault extends Fault {
    /** Returns the number of the worker process. */
    int worker();

    @Override
    default OptionalInt victim() {
        return OptionalInt.of(worker());
    }

    /**
     * The stream to the coordinator breaks as a contribution is sent; the process connects again.
     */
    record DropLink(int worker, long step) implements SendFault {}

    /** A contribution, or a chunk of it, is delivered twice. */
    record Duplicate(int worker, long step) implements SendFault {}

    /**
     * A chunk arrives damaged: its bytes are not those of its checksum. Through shared memory,
     * which has no checksums, what is damaged is the message that tells where the gradient is.
     */
    record Corrupt(int worker, long step) implements SendFault {}
}
