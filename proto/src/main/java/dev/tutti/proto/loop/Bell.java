package dev.tutti.proto.loop;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;
import java.util.function.BooleanSupplier;

/**
 * Wakes one sleeping thread. Every process that has mapped the bell's word of memory can ring it.
 *
 * <p>The sleeper sets the word, looks once more whether there is work, and sleeps as long as the
 * word is set. A writer leaves work and then looks at the word. At least one of the two looks sees
 * what the other side did (Dekker 1965), so no wake-up is missed. Ringing for a thread that is
 * awake costs no system call.
 */
public final class Bell {
    /** Bytes of the word, with nothing else on its cache line. */
    public static final int BYTES = 64;

    private static final VarHandle WORD = JAVA_INT.varHandle();
    private static final int AWAKE = 0;
    private static final int ASLEEP = 1;

    /** If a process is killed while it rings, the sleeper sleeps on, but at most this long. */
    private static final long SLEEP_NANOS_MAX = 10_000_000;

    private final MemorySegment word;
    private final MemorySegment time = Arena.ofAuto().allocate(2 * Long.BYTES, Long.BYTES);

    /**
     * Takes a word, zeroed before either side begins.
     *
     * @param memory {@link #BYTES} bytes
     */
    public Bell(MemorySegment memory) {
        this.word = memory.asSlice(0, BYTES);
        time.set(JAVA_LONG, Long.BYTES, SLEEP_NANOS_MAX);
    }

    /** Tells whether this system can wake a thread of another process. */
    public static boolean isAvailable() {
        return Futex.isAvailable();
    }

    /** Wakes the sleeper, if there is one; it sees everything that was written before. */
    public void ring() {
        VarHandle.fullFence();
        if ((int) WORD.getVolatile(word, 0L) == ASLEEP
                && WORD.compareAndSet(word, 0L, ASLEEP, AWAKE)) {
            Futex.wakeOne(word);
        }
    }

    /**
     * Sleeps until the bell rings, or for a hundredth of a second; returns at once if there is
     * something to do.
     *
     * @param isIdle tells whether there is nothing to do; asked after the word is set
     */
    void sleep(BooleanSupplier isIdle) {
        WORD.setVolatile(word, 0L, ASLEEP);
        VarHandle.fullFence();
        if (isIdle.getAsBoolean()) {
            Futex.await(word, ASLEEP, time);
        }
        WORD.setVolatile(word, 0L, AWAKE);
    }
}
