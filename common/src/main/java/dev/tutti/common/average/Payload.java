package dev.tutti.common.average;

import dev.tutti.common.rounding.Rounding;
import dev.tutti.common.rounding.Roundings;
import dev.tutti.common.vector.Elements;
import java.lang.foreign.MemorySegment;

/** Numbers on loan: the receiver reads them, then gives them back once. */
public interface Payload {
    /** Returns the numbers, which stay as they are until {@link #release}. */
    Elements elements();

    /** Returns what all numbers are rounded to: so encoded they lose nothing. */
    default Rounding rounding() {
        return Roundings.NONE;
    }

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
        return of(elements, Roundings.NONE, giveBack);
    }

    /**
     * Returns a payload of memory that somebody wants back.
     *
     * @param rounding what all numbers are rounded to
     */
    static Payload of(Elements elements, Rounding rounding, Runnable giveBack) {
        return new Payload() {
            @Override
            public Rounding rounding() {
                return rounding;
            }

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
