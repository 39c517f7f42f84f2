package dev.tutti.common.kernel;

import java.util.function.IntConsumer;
import java.util.stream.IntStream;

/**
 * Runs loops over long vectors on several cores, where each turn writes a stretch of its own.
 *
 * <p>Such a loop waits for memory more than it computes, and one core alone cannot keep the memory
 * busy. The threads are those of the common pool and the caller's.
 */
public final class Parallel {
    /** Floats below which waking another thread takes longer than it spares: about 0.1 ms. */
    public static final long FLOATS_MIN = 1L << 18;

    private Parallel() {}

    /**
     * Runs the turns 0 to {@code turns} − 1, in any order and at the same time, and returns when
     * all are done.
     *
     * @param floats that all turns go over; few are gone over in order, by the caller alone
     */
    public static void forEach(int turns, long floats, IntConsumer turn) {
        var all = IntStream.range(0, turns);
        if (turns > 1 && floats >= FLOATS_MIN) {
            all.parallel().forEach(turn);
        } else {
            all.forEach(turn);
        }
    }
}
