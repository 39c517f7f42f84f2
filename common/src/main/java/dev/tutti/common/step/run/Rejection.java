package dev.tutti.common.step.run;

/**
 * Something that was refused and changed nothing (law 8).
 *
 * @param kind why
 * @param detail what was found and what was expected, one line
 */
public record Rejection(Kind kind, String detail) {
    /** Why something was refused. */
    public enum Kind {
        /** The sender's protocol is not this one. */
        PROTOCOL,
        /** The sender's kernel gives other bits and the run insists on equal ones. */
        KERNEL,
        /** The sender has failed too often lately; it may ask again later. */
        QUARANTINED,
        /** The sender has sent wrong bits; it may not ask again. */
        EXPELLED,
        /** The sender has not joined, or is no longer a member. */
        NOT_A_MEMBER,
        /** The lease is over: computed, given to another, or of an earlier step. */
        STALE,
        /** Offset or length do not fit the vector. */
        LENGTH,
        /** The sample count is not that of the lease. */
        SAMPLES,
        /** A NaN or an infinity. */
        NOT_FINITE
    }

    @Override
    public String toString() {
        return detail;
    }
}
