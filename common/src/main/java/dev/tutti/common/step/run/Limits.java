package dev.tutti.common.step.run;

import java.time.Duration;

/**
 * The coordinator's patience and caution.
 *
 * @param startWorkers workers needed for the first step
 * @param minWorkers workers without which a run that has begun pauses
 * @param waitMax longest wait for workers, at the start and in a pause
 * @param members what each member is allowed, through relays too
 */
public record Limits(int startWorkers, int minWorkers, Duration waitMax, MemberLimits members) {
    /** Refuses a run that would start with fewer workers than it pauses below. */
    public Limits {
        if (minWorkers < 1 || startWorkers < minWorkers) {
            throw new IllegalArgumentException(
                    "workers to start with must be at least those to go on with, and those at least 1; were %d and %d"
                            .formatted(startWorkers, minWorkers));
        }
    }

    /** Returns the limits that a run has unless told otherwise: once begun, one worker will do. */
    public static Limits standard(int startWorkers) {
        return new Limits(startWorkers, 1, Duration.ofMinutes(2), MemberLimits.STANDARD);
    }

    /** Returns these limits with what a user may say of them. */
    public Limits with(
            int workersToGoOn,
            boolean strict,
            Patience silenceAllowed,
            Patience leaseAllowed,
            Duration wait) {
        return new Limits(
                startWorkers,
                workersToGoOn,
                wait,
                members.with(strict, silenceAllowed, leaseAllowed));
    }
}
