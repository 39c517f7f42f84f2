package dev.tutti.worker;

import io.grpc.Status;
import java.io.Serial;

/**
 * The connection broke while the data was fetched. The session's stream has the same connection, so
 * it has ended as well: the process joins anew and fetches again, as after any broken connection.
 */
public final class FetchBrokenException extends RuntimeException {
    @Serial private static final long serialVersionUID = 1;

    /** Says how. */
    public FetchBrokenException(String message) {
        super(message);
    }

    /** Returns this as the end of a session's stream. */
    public ClientStreamEvent endOf(int session) {
        return new ClientStreamEvent.Ended(
                session, Status.UNAVAILABLE.withDescription(getMessage()));
    }
}
