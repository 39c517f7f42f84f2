package dev.tutti.common.step;

import java.time.Duration;

/**
 * The coordinator's patience and caution.
 *
 * @param startWorkers workers needed for the first step
 * @param minWorkers workers without which a run that has begun pauses
 * @param strictKernels whether a worker whose kernel gives other bits is refused
 * @param beat time between heartbeats
 * @param silence a process that says nothing is named after the floor, and lost after a time that
 *     adapts to its heartbeats
 * @param lease a lease that is out for longer than usual is given to an idle worker too; a worker
 *     that says nothing of it up to the ceiling is lost
 * @param waitMax longest wait for workers, at the start and in a pause
 * @param creditChunks chunks of a contribution that may be on their way
 */
public record Limits(
        int startWorkers,
        int minWorkers,
        boolean strictKernels,
        Duration beat,
        Patience silence,
        Patience lease,
        Duration waitMax,
        int creditChunks) {
    /** Silence that is allowed unless set otherwise. */
    public static final Patience SILENCE = Patience.ofSeconds(2, 10);

    /** Time for a lease unless set otherwise. */
    public static final Patience LEASE = Patience.ofSeconds(1, 120);

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
        return new Limits(
                startWorkers,
                1,
                false,
                Duration.ofMillis(250),
                SILENCE,
                LEASE,
                Duration.ofMinutes(2),
                4);
    }

    /** Returns the limits of a relay that was welcomed so. */
    static Limits relayed(ToWorker.Welcome welcome) {
        return new Limits(
                1,
                1,
                welcome.strictKernels(),
                Duration.ofMillis(welcome.beatMillis()),
                SILENCE,
                LEASE,
                Duration.ofMinutes(2),
                welcome.creditChunks());
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
                strict,
                beat,
                silenceAllowed,
                leaseAllowed,
                wait,
                creditChunks);
    }
}
