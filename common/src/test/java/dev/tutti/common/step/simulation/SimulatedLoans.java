package dev.tutti.common.step.simulation;

import dev.tutti.common.average.Payload;
import dev.tutti.common.vector.Elements;
import java.lang.foreign.Arena;

/** Counts the payloads that somebody has been handed and has not given back (law 7). */
public final class SimulatedLoans {
    private int outstanding;
    private int most;
    private int generation;

    /** Returns these numbers as lent until they are released, once. */
    Payload lend(Elements elements) {
        most = Math.max(most, ++outstanding);
        var lentIn = generation;
        return new Payload() {
            private boolean released;

            @Override
            public Elements elements() {
                if (released) {
                    throw new AssertionError("a payload was read after its release");
                }
                return elements;
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

    static Elements copy(Elements elements) {
        var copy = Elements.allocate(Arena.ofAuto(), elements.precision(), elements.count());
        elements.copyTo(copy);
        return copy;
    }

    /** Returns numbers that nobody counts. */
    static Payload free(Elements elements) {
        return Payload.of(elements);
    }

    /** Those who held them are dead: nothing will come back. */
    void forget() {
        outstanding = 0;
        generation++;
    }

    public int outstanding() {
        return outstanding;
    }

    public int most() {
        return most;
    }
}
