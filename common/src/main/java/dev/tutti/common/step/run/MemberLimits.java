package dev.tutti.common.step.run;

import java.time.Duration;

/**
 * What a run allows a member. It travels with the {@code ToWorker.Welcome}, so that a relay, and a
 * relay below it, allows its own members the same.
 *
 * @param strictKernels whether a worker whose kernel gives other bits is refused
 * @param beat time between heartbeats
 * @param silence a process that says nothing is named after the floor, and lost after a time that
 *     adapts to its heartbeats
 * @param lease a lease that is out for longer than usual is given to an idle worker too; a worker
 *     that says nothing of it up to the ceiling is lost
 * @param creditChunks chunks of a contribution that may be on their way
 */
public record MemberLimits(
        boolean strictKernels, Duration beat, Patience silence, Patience lease, int creditChunks) {
    /** Silence that is allowed unless set otherwise. */
    public static final Patience SILENCE = Patience.ofSeconds(2, 10);

    /** Time for a lease unless set otherwise. */
    public static final Patience LEASE = Patience.ofSeconds(1, 120);

    /** What a run allows unless told otherwise. */
    public static final MemberLimits STANDARD =
            new MemberLimits(false, Duration.ofMillis(250), SILENCE, LEASE, 4);

    /** Returns these limits with what a user may say of them. */
    MemberLimits with(boolean strict, Patience silenceAllowed, Patience leaseAllowed) {
        return new MemberLimits(strict, beat, silenceAllowed, leaseAllowed, creditChunks);
    }
}
