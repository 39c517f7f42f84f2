package dev.tutti.common.average;

import dev.tutti.common.vector.Elements;
import java.lang.foreign.MemorySegment;

/** Numbers on loan: the receiver reads them, then gives them back once. */
public interface Payload {
    /** Returns the numbers, which stay as they are until {@link #release}. */
    Elements elements();

    /** Gives the memory back; the numbers must not be read any more. */
    void release();

    /**
     * Returns the numbers as the floats that they are.
     *
     * @throws IllegalStateException if they have 16 bits
     */
    default MemorySegment floats() {
        return elements().floats();
    }

    /** Returns a payload of memory that somebody wants back. */
    static Payload of(Elements elements, Runnable giveBack) {
        return new Payload() {
            @Override
            public Elements elements() {
                return elements;
            }

            @Override
            public void release() {
                giveBack.run();
            }
        };
    }

    /** Returns a payload of memory that nobody wants back. */
    static Payload of(Elements elements) {
        return of(elements, () -> {});
    }

    /** Returns a payload of floats that nobody wants back. */
    static Payload of(MemorySegment floats) {
        return of(Elements.of(floats));
    }
}
