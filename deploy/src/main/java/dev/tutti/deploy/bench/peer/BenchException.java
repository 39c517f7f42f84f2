package dev.tutti.deploy.bench.peer;

/** A measurement that cannot be taken; the message is the one line to print. */
public final class BenchException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /** Makes the exception with its line. */
    public BenchException(String message) {
        super(message);
    }

    public BenchException(String message, Throwable cause) {
        super(message, cause);
    }
}
