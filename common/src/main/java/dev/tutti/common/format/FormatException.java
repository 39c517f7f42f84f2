package dev.tutti.common.format;

/** Bytes are not what their format asks for; the message says what was found and expected. */
public final class FormatException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /** Makes the refusal with its whole message. */
    public FormatException(String message) {
        super(message);
    }
}
