package dev.tutti.proto.failure;

import io.grpc.Status;

/** A message that no correct peer sends; says what was found and what was expected. */
public final class WireException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final boolean damage;

    /** Makes the refusal with its whole message. */
    public WireException(String message) {
        this(message, false);
    }

    private WireException(String message, boolean damage) {
        super(message);
        this.damage = damage;
    }

    /**
     * Makes the refusal of what a correct peer may have sent, but not so: it changed on its way.
     */
    public static WireException damaged(String message) {
        return new WireException(message, true);
    }

    /** Returns how a stream ends for it: after damage on the way the peer may try again. */
    public Status status() {
        return (damage ? Status.DATA_LOSS : Status.INVALID_ARGUMENT).withDescription(getMessage());
    }
}
