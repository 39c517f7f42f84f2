package dev.tutti.proto.shared;

import dev.tutti.common.average.Payload;
import dev.tutti.common.vector.Elements;
import dev.tutti.common.vector.Precision;
import dev.tutti.proto.failure.Reason;
import dev.tutti.proto.loop.Bell;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.util.BitSet;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A worker process's side of a lane. Messages are one thread's; any thread may borrow vectors.
 *
 * <p>The memory of a vector is reserved when it is first borrowed, through the file: a store into a
 * mapped page that the host has no memory for would end the JVM. If there is none, the vector is
 * not lent, and what was to go into it travels through the stream.
 */
public final class WorkerLane extends Lane {
    private static final Logger LOG = LoggerFactory.getLogger(WorkerLane.class);

    /** Has the host set memory aside. */
    @FunctionalInterface
    interface Reservation {
        /**
         * Zeroes a part of the lane's file.
         *
         * @throws IOException if the host has no memory for it
         */
        void reserve(FileChannel file, long from, long bytes) throws IOException;
    }

    private final Reservation reservation;
    private final FileChannel file;
    private final BitSet lent = new BitSet();
    private final BitSet reserved = new BitSet();
    private boolean full;

    WorkerLane(
            Reservation reservation,
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
        this.reservation = reservation;
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
     * Lends a vector with unspecified content; none if the host has no memory for one more.
     *
     * @param precision of its numbers
     */
    public synchronized Optional<Payload> borrow(Precision precision) {
        for (var index = 0; index < layout.vectors(); index++) {
            if (!lent.get(index) && VectorState.get(states, index) == VectorState.WORKERS) {
                if (!reserve(index)) {
                    return Optional.empty();
                }
                lent.set(index);
                return Optional.of(new Vector(index, precision));
            }
        }
        throw new IllegalStateException(
                "all %d vectors of shared memory are in use".formatted(layout.vectors()));
    }

    /** Tells whether a gradient is in a vector of this lane, and can be handed over. */
    public boolean holds(Payload gradient) {
        return gradient instanceof Vector;
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

    /** Tells whether the host's memory is there for a vector, and asks for it if need be. */
    private boolean reserve(int index) {
        if (reserved.get(index)) {
            return true;
        }
        if (full) {
            return false;
        }
        try {
            reservation.reserve(file, layout.vectorOffset(index), layout.vectorBytes());
        } catch (IOException e) {
            // Once is enough: each attempt fills what is left, which others may need.
            full = true;
            LOG.warn(
                    "no shared memory for one more gradient of {} bytes ({}): it goes through the stream",
                    layout.vectorBytes(),
                    Reason.of(e));
            return false;
        }
        reserved.set(index);
        return true;
    }
}
