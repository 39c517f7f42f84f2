package dev.tutti.proto.shared;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;

/** Whose a vector is: the worker's until it hands it over, the coordinator's until it is read. */
final class VectorState {
    static final int WORKERS = 0;
    static final int COORDINATORS = 1;

    private static final VarHandle STATE = ValueLayout.JAVA_INT.varHandle();

    private VectorState() {}

    static int get(MemorySegment states, int index) {
        return (int) STATE.getAcquire(states, 4L * index);
    }

    static void set(MemorySegment states, int index, int state) {
        STATE.setRelease(states, 4L * index, state);
    }
}
