package dev.tutti.worker.kernel;

/** A kernel cannot be used here; the message says which, why, and what to do. */
public final class KernelUnavailableException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /** Makes the refusal with its whole message. */
    public KernelUnavailableException(String message) {
        super(message);
    }
}
