package dev.tutti.common.step.lease;

import java.util.concurrent.TimeUnit;

/**
 * Time that leaves out what a process did not see: a process that was stopped (SIGSTOP, a suspended
 * machine, a long pause of its collector) hears of nothing meanwhile, and that is no silence of its
 * members. Its timer fires every tenth of a second; a gap between two events counts for one second
 * at the most.
 */
public final class AwakeClock {
    private static final long GAP_MAX_NANOS = TimeUnit.SECONDS.toNanos(1);

    private boolean begun;
    private long lastNanos;
    private long missedNanos;

    /** Returns the time of an event without all that was missed until then. */
    public long at(long nowNanos) {
        if (begun) {
            missedNanos += Math.max(0, nowNanos - lastNanos - GAP_MAX_NANOS);
        }
        begun = true;
        lastNanos = nowNanos;
        return nowNanos - missedNanos;
    }
}
