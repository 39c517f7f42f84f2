package dev.tutti.common.step;

import dev.tutti.common.average.Payload;
import dev.tutti.common.kernel.Floats;
import java.lang.foreign.MemorySegment;

/** Counts the payloads that somebody has been handed and has not given back (law 7). */
final class SimulatedLoans {
    private int outstanding;
    private int most;
    private int generation;

    /** Returns a copy of these floats that counts as lent until it is released, once. */
    Payload lend(float[] floats) {
        return lend(MemorySegment.ofArray(floats.clone()));
    }

    /** Returns these floats as lent until they are released, once. */
    Payload lend(MemorySegment floats) {
        most = Math.max(most, ++outstanding);
        var lentIn = generation;
        return new Payload() {
            private boolean released;

            @Override
            public MemorySegment floats() {
                if (released) {
                    throw new AssertionError("a payload was read after its release");
                }
                return floats;
            }

            @Override
            public void release() {
                if (released) {
                    throw new AssertionError("a payload was released twice");
                }
                released = true;
                outstanding -= lentIn == generation ? 1 : 0;
            }
        };
    }

    static float[] copy(Payload payload) {
        return Floats.toArray(payload.floats());
    }

    /** Returns floats that nobody counts. */
    static Payload free(float[] floats) {
        return Payload.of(MemorySegment.ofArray(floats));
    }

    /** Those who held them are dead: nothing will come back. */
    void forget() {
        outstanding = 0;
        generation++;
    }

    int outstanding() {
        return outstanding;
    }

    int most() {
        return most;
    }
}
