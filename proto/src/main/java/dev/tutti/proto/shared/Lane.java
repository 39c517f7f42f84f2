package dev.tutti.proto.shared;

import dev.tutti.common.average.Payload;
import dev.tutti.common.vector.Elements;
import dev.tutti.common.vector.Precision;
import dev.tutti.proto.loop.Bell;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * One side of the shared memory between the coordinator and a worker process: messages in both
 * directions, and vectors that are handed over in place. Messages are one thread's.
 */
public abstract sealed class Lane permits CoordinatorLane, WorkerLane {
    final Layout layout;
    final MemorySegment memory;
    final MemorySegment states;
    final WeightsBuffers weights;

    private final Ring in;
    private final Ring out;
    private final Bell bell;
    private final Bell othersBell;

    /**
     * Makes a side.
     *
     * @param in the ring that the other side writes to
     * @param out the ring that it reads
     * @param bell what wakes this side
     * @param othersBell what wakes the other
     */
    Lane(
            Layout layout,
            MemorySegment memory,
            WeightsBuffers weights,
            MemorySegment in,
            MemorySegment out,
            Bell bell,
            Bell othersBell) {
        this.layout = layout;
        this.memory = memory;
        this.states = layout.states(memory);
        this.weights = weights;
        this.in = new Ring(in);
        this.out = new Ring(out);
        this.bell = bell;
        this.othersBell = othersBell;
    }

    /** Tells whether a message can be written. */
    public final boolean hasRoom() {
        return out.hasRoom();
    }

    /** Writes a message for the other side; needs {@link #hasRoom}. */
    public final void write(byte[] message) {
        out.write(message);
        othersBell.ring();
    }

    /**
     * Returns the next message from the other side, if there is one.
     *
     * @throws dev.tutti.proto.failure.WireException if the memory holds what no peer writes
     */
    public final byte @Nullable [] read() {
        var full = in.isFull();
        var message = in.read();
        if (full) {
            othersBell.ring();
        }
        return message;
    }

    /** Returns what wakes this side when there is something to read, or room to write again. */
    public final Bell bell() {
        return bell;
    }

    /**
     * Returns a payload that is all weights.
     *
     * @param buffer which of the places they are in
     * @throws dev.tutti.proto.failure.WireException if there is no such place
     */
    public final Payload weights(int buffer) {
        return weights.at(buffer);
    }

    /** Returns which of the places these weights are in; the coordinator's call. */
    public abstract int bufferOf(Elements sent);

    /** Hands a gradient over to the coordinator and returns its place; a worker's call. */
    public abstract int handOver(Payload gradient);

    /**
     * Returns a gradient that was handed over; the coordinator's call.
     *
     * @param precision of its numbers
     * @throws dev.tutti.proto.failure.WireException if nothing was handed over there
     */
    public abstract Payload handedOver(int index, Precision precision);
}
