package dev.tutti.worker.data.text;

import java.nio.charset.CharacterCodingException;

/** Bytes are no text in the encoding that they should be in; the message says where. */
public final class UndecodableException extends CharacterCodingException {
    private static final long serialVersionUID = 1;

    private final String reason;

    UndecodableException(String reason) {
        this.reason = reason;
    }

    @Override
    public String getMessage() {
        return reason;
    }
}
