package dev.tutti.worker;

/**
 * How a worker process ended.
 *
 * @param kind why
 * @param reason one line
 */
public record WorkerOutcome(Kind kind, String reason) {
    /** Why a worker process ended. */
    public enum Kind {
        /** The run is complete. */
        COMPLETE,
        /** The coordinator gave the run up. */
        ABORTED,
        /** No coordinator answered in time. */
        UNREACHABLE,
        /** The coordinator, or another program at its address, refused this process. */
        REFUSED,
        /** The data could not be had. */
        DATA,
        /** This machine has too little memory for the run. */
        RESOURCES,
        /** It was told to end, and has. */
        LEFT
    }
}
