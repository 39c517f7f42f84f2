package dev.tutti.proto.shared;

import dev.tutti.common.average.Payload;
import dev.tutti.common.vector.Elements;
import dev.tutti.common.vector.Precision;
import dev.tutti.proto.failure.WireException;
import dev.tutti.proto.loop.Bell;
import dev.tutti.proto.v1.SharedMemory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.BitSet;

/** The coordinator's side of a lane. Owned by one thread. */
public final class CoordinatorLane extends Lane {
    private final SharedMemory offer;
    private final Runnable hide;
    private final Arena arena;
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
        super(
                layout,
                memory,
                weights,
                layout.ringToCoordinator(memory),
                layout.ringToWorker(memory),
                bell,
                layout.bell(memory));
        this.offer = offer;
        this.hide = hide;
        this.arena = arena;
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
