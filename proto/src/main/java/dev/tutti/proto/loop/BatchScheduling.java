package dev.tutti.proto.loop;

/**
 * Linux's way to say that a thread computes for long and that a moment's delay does not matter to
 * it: {@code SCHED_BATCH}, sched(7).
 *
 * <p>Such a thread gets as much of a core as any other, but when it is woken it does not push away
 * the thread that runs. So a coordinator that wakes one worker is not stopped before it has woken
 * the next one; on two cores that took milliseconds.
 */
public final class BatchScheduling {
    private BatchScheduling() {}

    /** Asks for it for the calling thread; tells whether the system has it and has agreed. */
    public static boolean request() {
        return SchedulingPolicy.BATCH.request(SchedulingPolicy.CALLER);
    }
}
