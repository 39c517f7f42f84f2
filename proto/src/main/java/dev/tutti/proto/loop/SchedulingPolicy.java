package dev.tutti.proto.loop;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;

/** What Linux is told of a thread's needs: sched(7). */
enum SchedulingPolicy {
    /** Computes for long; a moment's delay does not matter. */
    BATCH(3),
    /** Computes while nobody else wants the core. */
    IDLE(5);

    /** The calling thread, to the system. */
    static final int CALLER = 0;

    private final int number;

    SchedulingPolicy(int number) {
        this.number = number;
    }

    /**
     * Asks for it for a thread of this process.
     *
     * @param thread the system's number of it, or {@link #CALLER}
     * @return whether the system has it and has agreed
     */
    boolean request(int thread) {
        if (!System.getProperty("os.name").equals("Linux")) {
            return false;
        }
        var linker = Linker.nativeLinker();
        return linker.defaultLookup()
                .find("sched_setscheduler")
                .map(function -> call(linker, function, thread))
                .orElse(false);
    }

    private boolean call(Linker linker, MemorySegment function, int thread) {
        var type = FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS);
        try (var arena = Arena.ofConfined()) {
            var noPriority = arena.allocate(JAVA_INT);
            return (int)
                            linker.downcallHandle(function, type)
                                    .invokeExact(thread, number, noPriority)
                    == 0;
        } catch (Throwable e) {
            throw new IllegalStateException("sched_setscheduler could not be called", e);
        }
    }
}
