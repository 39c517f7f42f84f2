package dev.tutti.common.data;

/**
 * Data was refused; the message is the one line for the user: what was found, what was expected,
 * what to do.
 */
public final class DataException extends IllegalArgumentException {
    /** Makes the refusal with its whole message. */
    public DataException(String message) {
        super(message);
    }

    /** Makes the refusal with its whole message and the failure behind it. */
    public DataException(String message, Throwable cause) {
        super(message, cause);
    }
}
