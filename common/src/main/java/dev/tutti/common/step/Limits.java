package dev.tutti.common.step;

import java.time.Duration;

/**
 * The coordinator's patience and caution.
 *
 * @param minWorkers workers needed for the first step
 * @param strictKernels whether a worker whose kernel gives other bits is refused
 * @param beat time between heartbeats
 * @param silenceMin least silence after which a process counts as lost
 * @param silenceMax longest silence allowed, also before enough heartbeats were observed
 * @param leaseMin least time after which a lease is overdue
 * @param leaseMax longest time that a lease may be out, also before enough were observed
 * @param waitMax longest wait for workers, at the start or after all were lost
 * @param creditChunks chunks of a contribution that may be on their way
 */
public record Limits(
        int minWorkers,
        boolean strictKernels,
        Duration beat,
        Duration silenceMin,
        Duration silenceMax,
        Duration leaseMin,
        Duration leaseMax,
        Duration waitMax,
        int creditChunks) {
    /** Returns the limits that a run has unless told otherwise. */
    public static Limits standard(int minWorkers) {
        return new Limits(
                minWorkers,
                false,
                Duration.ofMillis(250),
                Duration.ofMillis(2_000),
                Duration.ofSeconds(10),
                Duration.ofSeconds(10),
                Duration.ofMinutes(2),
                Duration.ofMinutes(2),
                4);
    }

    /** Returns these limits with what a user may say of them. */
    public Limits with(boolean strict, Duration wait) {
        return new Limits(
                minWorkers,
                strict,
                beat,
                silenceMin,
                silenceMax,
                leaseMin,
                leaseMax,
                wait,
                creditChunks);
    }
}
