package dev.tutti.coordinator.file;

/** A run cannot go on in its folder; the message is one line that says why and what to do. */
public final class ResumeException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /** Makes the refusal with its whole message. */
    public ResumeException(String message) {
        super(message);
    }
}
