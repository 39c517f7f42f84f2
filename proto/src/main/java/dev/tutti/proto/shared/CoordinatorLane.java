package dev.tutti.proto.shared;

import dev.tutti.common.average.Payload;
import dev.tutti.common.kernel.Elements;
import dev.tutti.common.kernel.Precision;
import dev.tutti.proto.WireException;
import dev.tutti.proto.loop.Bell;
import dev.tutti.proto.v1.SharedMemory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/** The coordinator's side of a lane. Owned by one thread. */
public final class CoordinatorLane implements Lane {
    private final SharedMemory offer;
    private final Runnable hide;
    private final Arena arena;
    private final Layout layout;
    private final MemorySegment memory;
    private final WeightsBuffers weights;
    private final MemorySegment states;
    private final Ring in;
    private final Ring out;
    private final Bell bell;
    private final Bell workersBell;
    private final BitSet onLoan = new BitSet();
    private boolean closed;

    /**
     * Makes the side of a lane that was just created.
     *
     * @param hide takes the lane's name from the file system
     * @param bell what wakes the coordinator
     */
    CoordinatorLane(
            SharedMemory offer,
            Runnable hide,
            Arena arena,
            Layout layout,
            MemorySegment memory,
            WeightsBuffers weights,
            Bell bell) {
        this.offer = offer;
        this.hide = hide;
        this.arena = arena;
        this.layout = layout;
        this.memory = memory;
        this.weights = weights;
        this.states = layout.states(memory);
        this.in = new Ring(layout.ringToCoordinator(memory));
        this.out = new Ring(layout.ringToWorker(memory));
        this.bell = bell;
        this.workersBell = layout.bell(memory);
    }

    /** Returns what the process needs to find the lane. */
    public SharedMemory offer() {
        return offer;
    }

    /** Takes the lane's name: no other process can map it any more, and none needs to. */
    public void hide() {
        hide.run();
    }

    @Override
    public boolean hasRoom() {
        return out.hasRoom();
    }

    @Override
    public void write(byte[] message) {
        out.write(message);
        workersBell.ring();
    }

    @Override
    public byte @Nullable [] read() {
        var full = in.isFull();
        var message = in.read();
        if (full) {
            workersBell.ring();
        }
        return message;
    }

    @Override
    public Bell bell() {
        return bell;
    }

    @Override
    public Payload weights(int buffer) {
        return weights.at(buffer);
    }

    @Override
    public int bufferOf(Elements sent) {
        return weights.indexOf(sent);
    }

    @Override
    public int handOver(Payload gradient) {
        throw new IllegalStateException("a coordinator hands over no gradient");
    }

    @Override
    public Payload handedOver(int index, Precision precision) {
        if (index < 0 || index >= layout.vectors()) {
            throw new WireException(
                    "a gradient in vector %d; the process has %d"
                            .formatted(index, layout.vectors()));
        }
        if (onLoan.get(index) || VectorState.get(states, index) != VectorState.COORDINATORS) {
            throw new WireException(
                    "a gradient in vector %d, which was not handed over".formatted(index));
        }
        onLoan.set(index);
        return Payload.of(layout.vector(memory, index, precision), () -> giveBack(index));
    }

    private void giveBack(int index) {
        onLoan.clear(index);
        VectorState.set(states, index, VectorState.WORKERS);
        unmapIfUnused();
    }

    /** Gives the memory back as soon as no gradient in it is used any more. */
    public void close() {
        hide();
        closed = true;
        unmapIfUnused();
    }

    private void unmapIfUnused() {
        if (closed && onLoan.isEmpty()) {
            arena.close();
        }
    }
}
