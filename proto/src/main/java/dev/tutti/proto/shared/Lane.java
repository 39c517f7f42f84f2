package dev.tutti.proto.shared;

import dev.tutti.common.average.Payload;
import dev.tutti.common.kernel.Elements;
import dev.tutti.common.kernel.Precision;
import dev.tutti.proto.loop.Bell;
import org.jspecify.annotations.Nullable;

/**
 * One side of the shared memory between the coordinator and a worker process: messages in both
 * directions, and vectors that are handed over in place.
 */
public interface Lane {
    /** Tells whether a message can be written. */
    boolean hasRoom();

    /** Writes a message for the other side; needs {@link #hasRoom}. */
    void write(byte[] message);

    /**
     * Returns the next message from the other side, if there is one.
     *
     * @throws dev.tutti.proto.WireException if the memory holds what no peer writes
     */
    byte @Nullable [] read();

    /** Returns what wakes this side when there is something to read, or room to write again. */
    Bell bell();

    /**
     * Returns a payload that is all weights.
     *
     * @param buffer which of the two places they are in
     * @throws dev.tutti.proto.WireException if there is no such place
     */
    Payload weights(int buffer);

    /** Returns which of the two places these weights are in; the coordinator's call. */
    int bufferOf(Elements weights);

    /** Hands a gradient over to the coordinator and returns its place; a worker's call. */
    int handOver(Payload gradient);

    /**
     * Returns a gradient that was handed over; the coordinator's call.
     *
     * @param precision of its numbers
     * @throws dev.tutti.proto.WireException if nothing was handed over there
     */
    Payload handedOver(int index, Precision precision);
}
