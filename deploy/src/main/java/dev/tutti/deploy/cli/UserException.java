package dev.tutti.deploy.cli;

import dev.tutti.deploy.process.Shortage;

/** Something that the user can mend; the message is the one line to print. */
public final class UserException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final ExitCode exitCode;

    public UserException(ExitCode exitCode, String message) {
        super(message);
        this.exitCode = exitCode;
    }

    /**
     * Returns what to say of a failure.
     *
     * @param otherwise the code, and {@code message} the line, unless there is too little of
     *     something
     */
    public static UserException of(Throwable failure, ExitCode otherwise, String message) {
        return Shortage.behind(failure)
                .map(lack -> new UserException(ExitCode.RESOURCES, lack))
                .orElseGet(() -> new UserException(otherwise, message));
    }

    public ExitCode exitCode() {
        return exitCode;
    }
}
