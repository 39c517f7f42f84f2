package dev.tutti.common.average;

import java.lang.foreign.MemorySegment;

/** Floats on loan: whoever is handed one reads it, then gives it back once. */
public interface Payload {
    /** Returns the floats, which stay as they are until {@link #release}. */
    MemorySegment floats();

    /** Gives the memory back; the floats must not be read any more. */
    void release();

    /** Returns a payload of memory that nobody wants back. */
    static Payload of(MemorySegment floats) {
        return new Payload() {
            @Override
            public MemorySegment floats() {
                return floats;
            }

            @Override
            public void release() {}
        };
    }
}
