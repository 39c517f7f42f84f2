package dev.tutti.common.step.compute;

import dev.tutti.common.average.Payload;
import dev.tutti.common.vector.Elements;
import dev.tutti.common.vector.Floats;
import dev.tutti.common.vector.Precision;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * Vectors of one length that are used again and again: memory is touched for the first time once,
 * not in every step. Any thread may borrow and give back.
 */
public final class VectorPool {
    private final Arena arena;
    private final long length;
    private final Queue<MemorySegment> idle = new ConcurrentLinkedQueue<>();

    /**
     * Makes an empty pool.
     *
     * @param arena for the vectors; it must be one that all threads may use
     * @param length floats of each vector
     */
    public VectorPool(Arena arena, long length) {
        this.arena = arena;
        this.length = length;
    }

    /** Lends a vector with unspecified content. */
    public MemorySegment borrow() {
        var vector = idle.poll();
        return vector != null ? vector : Floats.allocate(arena, length);
    }

    /** Takes a vector back. */
    public void giveBack(MemorySegment vector) {
        idle.add(vector);
    }

    /**
     * Lends a vector as a payload, which goes back to the pool when it is released.
     *
     * @param precision of its numbers
     */
    public Payload lend(Precision precision) {
        var vector = borrow();
        return Payload.of(Elements.in(vector, precision, length), () -> giveBack(vector));
    }
}
