package dev.tutti.deploy;

/** Something that the user can mend; the message is the one line to print. */
final class UserException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final ExitCode exitCode;

    UserException(ExitCode exitCode, String message) {
        super(message);
        this.exitCode = exitCode;
    }

    ExitCode exitCode() {
        return exitCode;
    }
}
