package dev.tutti.proto.loop;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Linux's futex: a thread sleeps until another one, of any process that has mapped the same memory,
 * wakes it; futex(2).
 */
final class Futex {
    private static final int WAIT = 0;
    private static final int WAKE = 1;
    private static final @Nullable MethodHandle CALL = find().orElse(null);
    private static final long NUMBER = number();

    private Futex() {}

    /** Tells whether this system has it. */
    static boolean isAvailable() {
        return CALL != null && NUMBER > 0;
    }

    /**
     * Sleeps while the word is {@code expected}, until it is woken or the time is over; may also
     * return for no reason.
     *
     * @param word an int
     * @param time a timespec: seconds and nanoseconds, of 8 bytes each
     */
    static void await(MemorySegment word, int expected, MemorySegment time) {
        call(word, WAIT, expected, time);
    }

    /** Wakes one thread that sleeps on the word. */
    static void wakeOne(MemorySegment word) {
        call(word, WAKE, 1, MemorySegment.NULL);
    }

    // What it returns tells nothing that the next look at the word would not.
    private static void call(MemorySegment word, int operation, int value, MemorySegment time) {
        var handle = CALL;
        if (handle == null) {
            throw new IllegalStateException("this system has no futex");
        }
        try {
            var _ = (long) handle.invokeExact(NUMBER, word, operation, value, time);
        } catch (Throwable e) {
            throw new IllegalStateException("futex could not be called", e);
        }
    }

    private static Optional<MethodHandle> find() {
        if (!System.getProperty("os.name").equals("Linux")) {
            return Optional.empty();
        }
        var linker = Linker.nativeLinker();
        var type =
                FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, ADDRESS, JAVA_INT, JAVA_INT, ADDRESS);
        return linker.defaultLookup()
                .find("syscall")
                .map(symbol ->
                        linker.downcallHandle(symbol, type, Linker.Option.firstVariadicArg(1)));
    }

    private static long number() {
        return switch (System.getProperty("os.arch")) {
            case "amd64" -> 202;
            case "aarch64" -> 98;
            default -> 0;
        };
    }
}
