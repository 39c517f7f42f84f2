package dev.tutti.proto.shared;

import dev.tutti.common.average.Payload;
import dev.tutti.common.data.DataException;
import dev.tutti.common.kernel.Elements;
import dev.tutti.common.kernel.Precision;
import dev.tutti.proto.Reason;
import dev.tutti.proto.loop.Bell;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.util.BitSet;

/**
 * A worker process's side of a lane. Messages are one thread's; any thread may borrow vectors.
 *
 * <p>The memory of a vector is reserved when it is first borrowed, through the file: if the host
 * has no more, that is an error with a message, where a store into a mapped page would end the JVM.
 */
public final class WorkerLane extends Lane {
    private final FileChannel file;
    private final BitSet lent = new BitSet();
    private final BitSet reserved = new BitSet();

    WorkerLane(
            FileChannel file,
            Layout layout,
            MemorySegment memory,
            WeightsBuffers weights,
            Bell coordinatorsBell) {
        super(
                layout,
                memory,
                weights,
                layout.ringToWorker(memory),
                layout.ringToCoordinator(memory),
                layout.bell(memory),
                coordinatorsBell);
        this.file = file;
    }

    /** A vector on loan, which can be handed over. */
    private final class Vector implements Payload {
        private final int index;
        private final Elements elements;

        Vector(int index, Precision precision) {
            this.index = index;
            this.elements = layout.vector(memory, index, precision);
        }

        @Override
        public Elements elements() {
            return elements;
        }

        @Override
        public void release() {
            giveBack(index);
        }
    }

    @Override
    public int bufferOf(Elements sent) {
        throw new IllegalStateException("a worker sends no weights");
    }

    /** Returns the floats of a vector. */
    public long vectorFloats() {
        return layout.vectorFloats();
    }

    /**
     * Lends a vector, whatever it holds.
     *
     * @param precision of its numbers
     * @throws DataException if the host has no memory for it
     */
    public synchronized Payload borrow(Precision precision) {
        for (var index = 0; index < layout.vectors(); index++) {
            if (!lent.get(index) && VectorState.get(states, index) == VectorState.WORKERS) {
                reserve(index);
                lent.set(index);
                return new Vector(index, precision);
            }
        }
        throw new IllegalStateException(
                "all %d vectors of shared memory are in use".formatted(layout.vectors()));
    }

    @Override
    public synchronized int handOver(Payload gradient) {
        if (!(gradient instanceof Vector vector)) {
            throw new IllegalArgumentException("a gradient outside shared memory");
        }
        lent.clear(vector.index);
        VectorState.set(states, vector.index, VectorState.COORDINATORS);
        return vector.index;
    }

    @Override
    public Payload handedOver(int index, Precision precision) {
        throw new IllegalStateException("a worker takes over no gradient");
    }

    private synchronized void giveBack(int index) {
        lent.clear(index);
    }

    private void reserve(int index) {
        if (reserved.get(index)) {
            return;
        }
        try {
            SharedRun.reserve(file, layout.vectorOffset(index), layout.vectorBytes());
        } catch (IOException e) {
            throw new DataException(
                    "no shared memory for a gradient of %d bytes: %s; make room in %s, or give the coordinator --carrier inline"
                            .formatted(layout.vectorBytes(), Reason.of(e), SharedRun.ROOT));
        }
        reserved.set(index);
    }
}
