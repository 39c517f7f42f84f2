package dev.tutti.proto.access;

/** Certificates or a token that cannot be used; the message is one line for the user. */
public final class AccessException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /** Makes the refusal with its whole message. */
    public AccessException(String message) {
        super(message);
    }
}
