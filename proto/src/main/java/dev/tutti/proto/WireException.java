package dev.tutti.proto;

/** A message that no correct peer sends; says what was found and what was expected. */
public final class WireException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /** Makes the refusal with its whole message. */
    public WireException(String message) {
        super(message);
    }
}
