package dev.tutti.proto.loop;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;

/**
 * Linux's way to say that a thread computes for long and that a moment's delay does not matter to
 * it: {@code SCHED_BATCH}, sched(7).
 *
 * <p>Such a thread gets as much of a core as any other, but when it is woken it does not push away
 * the thread that runs. So a coordinator that wakes one worker is not stopped before it has woken
 * the next one; on two cores that took milliseconds.
 */
public final class BatchScheduling {
    private static final int BATCH = 3;
    private static final int CALLING_THREAD = 0;

    private BatchScheduling() {}

    /** Asks for it for the calling thread; tells whether the system has it and has agreed. */
    public static boolean request() {
        if (!System.getProperty("os.name").equals("Linux")) {
            return false;
        }
        var linker = Linker.nativeLinker();
        return linker.defaultLookup()
                .find("sched_setscheduler")
                .map(function -> request(linker, function))
                .orElse(false);
    }

    private static boolean request(Linker linker, MemorySegment function) {
        var type = FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS);
        try (var arena = Arena.ofConfined()) {
            var noPriority = arena.allocate(JAVA_INT);
            return (int)
                            linker.downcallHandle(function, type)
                                    .invokeExact(CALLING_THREAD, BATCH, noPriority)
                    == 0;
        } catch (Throwable e) {
            throw new IllegalStateException("sched_setscheduler could not be called", e);
        }
    }
}
